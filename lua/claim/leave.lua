--! does: Forgets a server that stops; what it still holds ends with its leases.
--! uses: base
--! args: 3 server
--! reply: tag
--! cost: O(1)
--! keys: about leaseMs leases: servers
local server = ARGV[3]
redis.call('HDEL', R .. 'about', server)
local head = redis.call('ZRANGE', R .. 'leases:' .. server, 0, 0, 'WITHSCORES')[2]
if not head or head == 'inf' then
  redis.call('UNLINK', R .. 'leases:' .. server)
  redis.call('ZREM', R .. 'servers', server)
  redis.call('HDEL', R .. 'leaseMs', server)
end
return { ARGV[1] }
