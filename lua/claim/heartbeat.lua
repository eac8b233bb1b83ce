--! does: Extends the leases of a server, and tells it what it holds no longer or does not know of.
--! uses: base
--! args: 3 server; 4 lease in ms; 5 holds n; then n ids, n fences; then ms since the server
--!   started ('' if it says nothing of itself), jobs running in its pools, what it is as JSON or '';
--!   '1' if these holds are a part
--! reply: tag, positions of lost holds, ids and fences it does not know in turn, shortest lease of
--!   any server in ms, positions and states in turn of holds whose jobs were canceled or stopped,
--!   '1' if the server is to say what it is; for a part '' and empty lists for what is not asked
--! cost: O(holds * log n), for a part of those in it
--! keys: about claims ctl leaseMs leases: servers state
local server, lease, n = ARGV[3], ARGV[4], tonumber(ARGV[5])
local key, sentinel = R .. 'leases:' .. server, string.rep('~', 65)
local lost, canceled, known, leases = {}, {}, { [sentinel] = true }, { 'inf', sentinel }
local ends = string.format('%d', now + lease)
-- Without effect, but a write that is allowed when memory is full lets the others through: a server
-- that lives must not lose its leases then.
redis.call('HDEL', R .. 'claims', '')
for from = 1, n, 1000 do
  local to = from + 999 < n and from + 999 or n
  local held = redis.call('HMGET', R .. 'claims', unpack(ARGV, 5 + from, 5 + to))
  for i = from, to do
    local claim = held[i - from + 1]
    if claim and string.match(claim, '^%d+') == ARGV[5 + n + i] then
      local holder = string.match(claim, '^%d+|%-?%d+[|!*]%d+|[^|]*|([^|]*)')
      if holder == server or not holder then -- it may be unreadable: who names its fence holds it
        known[ARGV[5 + i]] = true
        leases[#leases + 1] = ends
        leases[#leases + 1] = ARGV[5 + i]
      else
        redis.call('ZADD', R .. 'leases:' .. holder, 'XX', ends, ARGV[5 + i])
      end
    else
      local state = not claim and redis.call('HGET', R .. 'state', ARGV[5 + i])
      if state and string.find(state, '^[xt]') then
        canceled[#canceled + 1] = i
        canceled[#canceled + 1] = state
      else
        lost[#lost + 1] = i
      end
    end
  end
end
for from = 1, #leases, 2000 do
  redis.call('ZADD', key, unpack(leases, from, from + 1999 < #leases and from + 1999 or #leases))
end
if ARGV[9 + 2 * n] == '1' then return { ARGV[1], lost, {}, '', canceled, '' } end
local unknown, strange = {}, {}
local all = redis.call('ZRANGE', key, 0, -1)
for i = 1, #all do
  if not known[all[i]] then strange[#strange + 1] = all[i] end
end
for i = 1, #strange do
  local claim = redis.call('HGET', R .. 'claims', strange[i])
  local fence = claim and string.match(claim, '^%d+')
  if fence then
    unknown[#unknown + 1] = strange[i]
    unknown[#unknown + 1] = fence
  elseif not claim then
    redis.call('ZREM', key, strange[i])
  end
end
-- A server with a shorter lease than the others needs them to come sooner when it dies. One that has
-- not beaten for ten leases has nothing left to be reaped.
local shortest = tonumber(lease)
local beaten, scores = {}, redis.call('ZRANGE', R .. 'servers', 0, -1, 'WITHSCORES')
for i = 1, #scores, 2 do beaten[scores[i]] = tonumber(scores[i + 1]) end
local leasesMs = redis.call('HGETALL', R .. 'leaseMs')
local before = math.huge
for i = 2, #leasesMs, 2 do
  local ms = tonumber(leasesMs[i])
  local at = beaten[leasesMs[i - 1]]
  if leasesMs[i - 1] ~= server and ms < before and at and at + 10 * ms >= now then before = ms end
end
if redis.call('HSET', R .. 'leaseMs', server, lease) == 1 and shortest < before then
  redis.call('PUBLISH', R .. 'ctl', 'lease')
end
redis.call('ZADD', R .. 'servers', nows, server)
-- What it says of itself: `started|busy`, and a line of JSON.
local upMs, busy, about, wants = ARGV[6 + 2 * n], ARGV[7 + 2 * n], ARGV[8 + 2 * n], ''
if upMs ~= '' then
  local started, known = string.match(redis.call('HGET', R .. 'about', server) or '', '^(%d+)|[^\n]*\n(.*)$')
  if about == '' then about = known end
  if about then
    redis.call('HSET', R .. 'about', server, (started or string.format('%d', now - upMs)) .. '|' .. busy .. '\n' .. about)
  else
    wants = '1'
  end
end
return { ARGV[1], lost, unknown, string.format('%d', before < shortest and before or shortest), canceled, wants }
