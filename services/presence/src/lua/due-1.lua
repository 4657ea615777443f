--[[
  People whose next look is due. Only found here: apply-n.lua looks itself, and who comes second finds nothing.

  Input:
    KEYS[1] schedule, a sorted set { userId = ms of the next look }

    ARGV[1] at most so many

  Output: user ids, the longest overdue first
]]
local time = redis.call("TIME")
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
return redis.call("ZRANGEBYSCORE", KEYS[1], "-inf", string.format("%.0f", now), "LIMIT", 0, ARGV[1])
