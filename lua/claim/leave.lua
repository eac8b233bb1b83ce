--! does: Forgets a server that stops; what it still holds ends with its leases.
--! uses: base
--! args: 3 server
--! reply: tag
--! cost: O(pools that claim ahead)
--! keys: about leaseMs leases: servers startMarks
local server = ARGV[3]
redis.call('HDEL', R .. 'about', server)
local head = redis.call('ZRANGE', R .. 'leases:' .. server, 0, 0, 'WITHSCORES')[2]
if not head or head == 'inf' then
  redis.call('UNLINK', R .. 'leases:' .. server)
  redis.call('ZREM', R .. 'servers', server)
  redis.call('HDEL', R .. 'leaseMs', server)
  local marked = redis.call('HKEYS', R .. 'startMarks')
  for i = 1, #marked do
    if string.match(marked[i], '^[^|]*') == server then redis.call('HDEL', R .. 'startMarks', marked[i]) end
  end
end
return { ARGV[1] }
