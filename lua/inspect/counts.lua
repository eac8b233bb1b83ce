--! does: Counts the jobs of some queues and types, by status.
--! uses: base
--! args: 3 pairs n; then n pairs of 'queue|type'
--! reply: tag, then for each pair its numbers: ready, scheduled, retry, completed,
--!   dead letters, canceled, stopped, deferred
--! cost: O(pairs)
--! keys: b: d: f: gc: gd: gt: gx: l: p: parked prios: r: tombs
local reply, parked = { ARGV[1] }, redis.call('EXISTS', R .. 'parked') == 1
for i = 1, tonumber(ARGV[3]) do
  local pair = ARGV[3 + i]
  local p = string.find(pair, '|', 1, true)
  local queue, ready = string.sub(pair, 1, p - 1), 0
  local prios = redis.call('SMEMBERS', R .. 'prios:' .. queue)
  for j = 1, #prios do
    local lane = queue .. '|' .. prios[j] .. string.sub(pair, p + 1)
    local length = redis.call('LLEN', R .. 'l:' .. lane)
    if length > 0 then ready = ready + length - (redis.call('HGET', R .. 'tombs', lane) or 0) end
    if parked then ready = ready + redis.call('ZCARD', R .. 'p:' .. lane) end
  end
  reply[i + 1] = {
    ready, redis.call('ZCARD', R .. 'd:' .. pair), redis.call('ZCARD', R .. 'r:' .. pair),
    redis.call('LLEN', R .. 'f:' .. pair) + redis.call('ZCARD', R .. 'gc:' .. pair),
    redis.call('ZCARD', R .. 'gd:' .. pair), redis.call('ZCARD', R .. 'gx:' .. pair), redis.call('ZCARD', R .. 'gt:' .. pair),
    redis.call('ZCARD', R .. 'b:' .. pair),
  }
end
return reply
