--[[
  Takes from a token bucket that all processes share.

  Input:
    KEYS[1] the bucket, a hash { tokens, at }

    ARGV[1] burst: tokens when full
    ARGV[2] tokens that come back per second
    ARGV[3] cost: tokens used here since the last report, this one included

  Output: milliseconds to wait; 0 when the tokens were there.
]]
local burst = tonumber(ARGV[1])
local perSecond = tonumber(ARGV[2])
local cost = tonumber(ARGV[3])
local time = redis.call("TIME")
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000

local bucket = redis.call("HMGET", KEYS[1], "tokens", "at")
local tokens = tonumber(bucket[1]) or burst
local at = tonumber(bucket[2]) or now
tokens = math.min(burst, tokens + math.max(0, now - at) * perSecond)

local wait = 0
if tokens >= cost then
  tokens = tokens - cost
else
  -- What was used before this request is gone whatever becomes of this one.
  wait = math.ceil((math.min(cost, burst) - tokens) / perSecond * 1000)
  tokens = math.max(0, tokens - (cost - 1))
end
redis.call("HSET", KEYS[1], "tokens", tostring(tokens), "at", tostring(now))
redis.call("PEXPIRE", KEYS[1], math.ceil(burst / perSecond * 1000) + 1000)
return wait
