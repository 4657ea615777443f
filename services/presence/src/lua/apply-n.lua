--[[
  Applies changes of leases to people of one shard and brings the status of each up to date: what lapsed is
  removed, a status that differs from the stored one becomes a transition with a higher version, and the next
  moment at which something lapses goes into the schedule. Whoever runs it first gets the transition, so any
  number of instances may sweep the same people.

  Input:
    KEYS[1]    schedule, a sorted set { userId = ms of the next look }
    KEYS[2..n] people, a hash each:
                 c:<connectionId>  <state>|<ms of its end>|<gateway>; states: a active, i idle; A, I the same,
                                   closed but still counted for the grace; x closed, keeps late beats out
                 status, seenAt    as published; seenAt is the last sign of life, ms
                 version           rises with every change of status, starts from the time in ms, so that it
                                   rises also after Redis lost it
                 settled, resendAt version that was published and mirrored; when to hand it out again if not
                 activity, endedAt what the last lease that ended said (a, i), and when it ended

    ARGV[1] lease TTL, ms
    ARGV[2] grace of a connection that dropped, ms
    ARGV[3] how long an ended lease's activity is remembered, ms
    ARGV[4] time until an unsettled transition is handed out again, ms
    ARGV[5] time until somebody without leases is forgotten, ms
    ARGV[6] gateway
    ARGV[7] JSON array of [userId, changes] in the order of KEYS[2..n]; changes: array of
            [kind, connectionId, value]; kinds:
              "o" open, "b" beat   value: 1 active, 0 idle, -1 as it was
              "c" close            value: 1 left on purpose, 0 dropped
              "s" settled          value: version
              "f" found missing    value: seenAt, for somebody whom only the mirror knows

  Output: { transitions, opened }
    transitions  userId, status, seenAt, version, …
    opened       connectionId, "1" or "0" (whether it counts as active), …
]]
local ttl, grace, memory = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local resend, retention, gateway = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6]
local time = redis.call("TIME")
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

local COUNTS = { a = "online", A = "online", i = "idle", I = "idle" }
local OPEN = { a = true, i = true }

-- Lua would write a time as 1.7e+12.
local function integer(number)
  return string.format("%.0f", number)
end

local function load(key)
  local user = { meta = {}, leases = {}, set = {}, removed = {} }
  local flat = redis.call("HGETALL", key)
  user.known = #flat > 0
  for i = 1, #flat, 2 do
    local connection = string.match(flat[i], "^c:(.*)$")
    if connection then
      local state, ends, holder = string.match(flat[i + 1], "^(%a)|(%d+)|(.*)$")
      user.leases[connection] = { state = state, ends = tonumber(ends), holder = holder }
    else
      user.meta[flat[i]] = flat[i + 1]
    end
  end
  return user
end

local function setMeta(user, name, value)
  user.meta[name] = value
  user.set[name] = value
end

local function setLease(user, connection, state, ends, holder)
  user.leases[connection] = { state = state, ends = ends, holder = holder }
  user.set["c:" .. connection] = state .. "|" .. integer(ends) .. "|" .. holder
end

local function removeLease(user, connection)
  user.leases[connection] = nil
  user.removed[#user.removed + 1] = "c:" .. connection
end

local function remember(user, state, endedAt)
  if endedAt < (tonumber(user.meta.endedAt) or 0) then return end
  setMeta(user, "activity", state)
  setMeta(user, "endedAt", integer(endedAt))
end

local function expire(user)
  local lapsed = {}
  for connection, lease in pairs(user.leases) do
    if lease.ends <= now then lapsed[#lapsed + 1] = connection end
  end
  for _, connection in ipairs(lapsed) do
    local lease = user.leases[connection]
    if OPEN[lease.state] then
      remember(user, lease.state, lease.ends)
      removeLease(user, connection)
    elseif lease.state == "x" then
      removeLease(user, connection)
    else
      setLease(user, connection, "x", lease.ends + ttl, lease.holder)
    end
  end
end

-- State of a lease whose connection does not say: as the last one that ended, if that is not long ago.
local function rememberedState(user)
  local endedAt = tonumber(user.meta.endedAt)
  if endedAt and now - endedAt < memory then return user.meta.activity end
  return "a"
end

local function hold(user, connection, value)
  local lease = user.leases[connection]
  -- A beat that was overtaken by its own close.
  if lease and not OPEN[lease.state] then return string.lower(lease.state) end
  local state = value == 1 and "a" or value == 0 and "i" or lease and lease.state or rememberedState(user)
  setLease(user, connection, state, now + ttl, gateway)
  setMeta(user, "seenAt", integer(now))
  return state
end

local function close(user, connection, left)
  local lease = user.leases[connection]
  if lease and OPEN[lease.state] then
    remember(user, lease.state, now)
    setMeta(user, "seenAt", integer(now))
    if not left then
      return setLease(user, connection, string.upper(lease.state), now + grace, lease.holder)
    end
  elseif lease and not left then
    return
  end
  setLease(user, connection, "x", now + ttl, gateway)
end

local function statusOf(user)
  local status = "offline"
  for _, lease in pairs(user.leases) do
    local counted = COUNTS[lease.state]
    if counted == "online" then return counted end
    status = counted or status
  end
  return status
end

local function handOut(user, userId, transitions)
  setMeta(user, "resendAt", integer(now + resend))
  local n = #transitions
  transitions[n + 1] = userId
  transitions[n + 2] = user.meta.status
  transitions[n + 3] = user.meta.seenAt
  transitions[n + 4] = user.meta.version
end

local function settle(user, userId, transitions)
  local status = statusOf(user)
  if status ~= user.meta.status then
    local version = math.max(now, (tonumber(user.meta.version) or 0) + 1)
    setMeta(user, "status", status)
    setMeta(user, "version", integer(version))
    if not user.meta.seenAt then setMeta(user, "seenAt", integer(now)) end
    handOut(user, userId, transitions)
  elseif user.meta.version ~= user.meta.settled and tonumber(user.meta.resendAt) <= now then
    handOut(user, userId, transitions)
  end
end

-- In parts, since unpack has a limit and one bot may have thousands of connections.
local function callInParts(command, key, arguments)
  for first = 1, #arguments, 1000 do
    redis.call(command, key, unpack(arguments, first, math.min(first + 999, #arguments)))
  end
end

local function save(user, userId, key)
  local fields = {}
  for name, value in pairs(user.set) do
    fields[#fields + 1] = name
    fields[#fields + 1] = value
  end
  callInParts("HDEL", key, user.removed)
  callInParts("HSET", key, fields)
  redis.call("PEXPIRE", key, retention)

  local nextLook = user.meta.version ~= user.meta.settled and tonumber(user.meta.resendAt) or nil
  for _, lease in pairs(user.leases) do
    if COUNTS[lease.state] and (not nextLook or lease.ends < nextLook) then nextLook = lease.ends end
  end
  if nextLook then
    redis.call("ZADD", KEYS[1], integer(nextLook), userId)
  else
    redis.call("ZREM", KEYS[1], userId)
  end
end

local transitions, opened = {}, {}
for index, entry in ipairs(cjson.decode(ARGV[7])) do
  local userId, changes, key = entry[1], entry[2], KEYS[index + 1]
  local user = load(key)
  expire(user)
  for _, change in ipairs(changes) do
    local kind, connection, value = change[1], change[2], change[3]
    if kind == "o" then
      opened[#opened + 1] = connection
      opened[#opened + 1] = hold(user, connection, value) == "a" and "1" or "0"
    elseif kind == "b" then
      hold(user, connection, value)
    elseif kind == "c" then
      close(user, connection, value == 1)
    elseif kind == "s" and user.meta.version == integer(value) then
      setMeta(user, "settled", user.meta.version)
    elseif kind == "f" and not user.known then
      setMeta(user, "seenAt", integer(value))
      user.known = true
    end
  end
  if user.known or next(user.set) then
    settle(user, userId, transitions)
    save(user, userId, key)
  else
    redis.call("ZREM", KEYS[1], userId)
  end
end
return { transitions, opened }
