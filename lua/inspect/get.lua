--! does: Reads jobs by id, with all that says where they are.
--! uses: base status
--! args: 3 ids n; then n ids
--! reply: tag, for each job: record, state, claim, end of its lease, due time, told ('' where
--!   there is none), log lines, parents that it waits for, if it is deferred
--! cost: O(ids)
--! keys: claims jobs leases: log: pend: state told
local n = tonumber(ARGV[3])
local reply = { ARGV[1] }
if n == 0 then return reply end
local records = redis.call('HMGET', R .. 'jobs', unpack(ARGV, 4, 3 + n))
local states = redis.call('HMGET', R .. 'state', unpack(ARGV, 4, 3 + n))
local claims = redis.call('HMGET', R .. 'claims', unpack(ARGV, 4, 3 + n))
local told = redis.call('HMGET', R .. 'told', unpack(ARGV, 4, 3 + n))
for i = 1, n do
  local id, record, state, claim = ARGV[3 + i], records[i], states[i], claims[i]
  local ends, due, logs, pending = '', '', {}, {}
  if record then
    if record == '' then record = '?' end -- it is there, but says nothing; the same of a claim
    if claim then
      local server = string.match(claim, '^%d+|%-?%d+[|!*]%d+|[^|]*|([^|]*)')
      ends = server and redis.call('ZSCORE', R .. 'leases:' .. server, id) or ''
      if claim == '' then claim = '?' end
    elseif M.isDeferred(id, record) then
      pending = redis.call('ZRANGE', R .. 'pend:' .. id, 0, -1)
    else
      local name, member = M.delayedPlace(id, record, state)
      due = name and redis.call('ZSCORE', R .. name, member) or ''
    end
    if told[i] then logs = redis.call('LRANGE', R .. 'log:' .. id, 0, -1) end
  end
  reply[i + 1] = { record or '', state or '', claim or '', ends, due, told[i] or '', logs, pending }
end
return reply
