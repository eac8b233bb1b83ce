--! does: Notes that someone waits for the end of jobs, and tells which of them have ended or are not there.
--! uses: base
--! args: 3 for how many ms; 4 ids n; then n ids
--! reply: tag, a character per id: '1' if it has ended or is not there, else '0'
--! cost: O(ids * log n)
--! keys: jobs state waits
local n, results, waiting = tonumber(ARGV[4]), {}, {}
redis.call('ZREMRANGEBYSCORE', R .. 'waits', '-inf', nows)
for i = 1, n do
  local id = ARGV[4 + i]
  local state = redis.call('HGET', R .. 'state', id)
  local ended = state and string.match(state, '^[cdxt]') or redis.call('HEXISTS', R .. 'jobs', id) == 0
  results[i] = ended and '1' or '0'
  if not ended then
    waiting[#waiting + 1] = string.format('%d', now + ARGV[3])
    waiting[#waiting + 1] = id
  end
end
if #waiting > 0 then
  redis.call('ZADD', R .. 'waits', unpack(waiting))
end
return { ARGV[1], table.concat(results) }
