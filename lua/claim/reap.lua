--! does: Takes jobs from holders whose lease has ended, and forgets servers that are long gone.
--! uses: base numbers wake names lane due back state final
--! lazy: status family delay put enter kids remove finish
--! args: 6 most jobs to take; 7 lost attempts after which a job is dead-lettered
--! reply: tag, jobs taken, ms until the next lease ends ('' if there is none)
--! cost: O(servers + jobs taken * log n)
--! keys: claims leaseMs leases: servers state
local limit, most = tonumber(ARGV[6]), tonumber(ARGV[7])
local moved, soonest, ended = 0, nil, {}
local servers = redis.call('ZRANGE', R .. 'servers', 0, -1, 'WITHSCORES')
for s = 1, #servers, 2 do
  local server = servers[s]
  local key = R .. 'leases:' .. server
  local ids = moved < limit and redis.call('ZRANGEBYSCORE', key, '-inf', nows, 'LIMIT', 0, limit - moved) or {}
  for i = 1, #ids do
    local id = ids[i]
    local claim = redis.call('HGET', R .. 'claims', id)
    redis.call('ZREM', key, id)
    local seq, sep, claimed, holder, pool, lane =
      string.match(claim or '', '^%d+|(%-?%d+)([|!*])(%d+)|[^|]*|([^|]*)|([^|]*)|(.*)$')
    if holder == server then
      redis.call('HDEL', R .. 'claims', id)
      local state = redis.call('HGET', R .. 'state', id)
      local settled = state and string.match(state, '^%w|%d+|%d+|%d+|(%d+)') or '0'
      local retries, made, deliveries, attempts = M.past(state)
      made, deliveries, moved = made + 1, deliveries + 1, moved + 1
      attempts = M.addAttempt(attempts, made, 'l|' .. nows .. '|' .. string.format('%d', now - claimed) .. '|'
        .. server .. '|' .. pool .. '|')
      local rest = '|' .. retries .. '|' .. made .. '|' .. deliveries .. '|' .. settled .. '||' .. attempts
      if deliveries >= most then
        M.finish(id, 'd', 'd' .. rest, lane, '*', M.numbers(1))
        ended[#ended + 1] = id
      else
        redis.call('HSET', R .. 'state', id, 'w' .. rest)
        M.back(lane, seq, '*', id)
      end
    end
  end
  local head = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')[2]
  if head and head ~= 'inf' then
    local ends = tonumber(head)
    if not soonest or ends < soonest then soonest = ends end
  elseif tonumber(servers[s + 1]) + 3600000 < now then
    redis.call('UNLINK', key)
    redis.call('ZREM', R .. 'servers', server)
    redis.call('HDEL', R .. 'leaseMs', server)
  end
end
M.announce(ended)
M.wakeOpened()
local wait = soonest and (soonest > now and soonest - now or 0)
return { ARGV[1], moved, wait and string.format('%d', wait) or '' }
