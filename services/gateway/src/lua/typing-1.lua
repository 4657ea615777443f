--[[
  Notes that somebody began or stopped typing in a conversation, and says whether to announce who is typing.

  KEYS[1]  sorted set: user id -> time in ms when it lapses; the member '' -> until when an unchanged set
           has been announced recently enough

  ARGV[1]  user id
  ARGV[2]  how long they count as typing, ms; 0: they stopped
  ARGV[3]  an unchanged set is announced again after this long, ms

  Returns  nil when there is nothing to announce, else '1' if the set changed or '0' if it did not, and the
           user ids, possibly none
]]
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local lasts = tonumber(ARGV[2])

local changed = false
for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now)) do
  if member ~= '' then changed = true end
  redis.call('ZREM', KEYS[1], member)
end

if lasts > 0 then
  if redis.call('ZADD', KEYS[1], now + lasts, ARGV[1]) == 1 then changed = true end
elseif redis.call('ZREM', KEYS[1], ARGV[1]) == 1 then
  changed = true
end

if not changed and (lasts == 0 or redis.call('ZSCORE', KEYS[1], '')) then return nil end

redis.call('ZREM', KEYS[1], '')
local answer = { changed and '1' or '0' }
for _, member in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do answer[#answer + 1] = member end
if #answer > 1 then
  redis.call('ZADD', KEYS[1], now + tonumber(ARGV[3]), '')
  redis.call('PEXPIRE', KEYS[1], 10000)
end
return answer
