--! does: Reads what servers said of themselves, and when they beat.
--! uses: base
--! args: none
--! reply: tag, now, then server, what it said, last beat and lease in ms of each
--! cost: O(servers)
--! keys: about leaseMs servers
local reply = { ARGV[1], nows }
local said = redis.call('HGETALL', R .. 'about')
for i = 1, #said, 2 do
  local n, beaten = #reply, redis.call('ZSCORE', R .. 'servers', said[i])
  reply[n + 1], reply[n + 2] = said[i], said[i + 1]
  reply[n + 3], reply[n + 4] = beaten or '0', redis.call('HGET', R .. 'leaseMs', said[i]) or '0'
end
return reply
