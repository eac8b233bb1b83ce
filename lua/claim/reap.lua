--! does: Takes jobs from holders whose lease has ended, and forgets servers that are long gone.
--! uses: base numbers wake lane back state final
--! args: 6 most jobs to take; 7 lost attempts after which a job is dead-lettered
--! reply: tag, jobs taken, ms until the next lease ends ('' if there is none)
--! cost: O(servers + jobs taken * log n)
--! keys: claims leaseMs leases: servers state
local limit, most = tonumber(ARGV[6]), tonumber(ARGV[7])
local moved, soonest, ended = 0, nil, {}
local servers = call('ZRANGE', R .. 'servers', 0, -1, 'WITHSCORES')
for s = 1, #servers, 2 do
  local server = servers[s]
  local key = R .. 'leases:' .. server
  local ids = moved < limit and call('ZRANGEBYSCORE', key, '-inf', nows, 'LIMIT', 0, limit - moved) or {}
  for i = 1, #ids do
    local id = ids[i]
    local claim = call('HGET', R .. 'claims', id)
    call('ZREM', key, id)
    local fence, claimed, holder, pool, seq, sep, lane =
      match(claim or '', '^(%d+)|(%d+)|[^|]*|([^|]*)|([^|]*)|(%-?%d+)([|!*])|(.*)$')
    if holder == server then
      call('HDEL', R .. 'claims', id)
      local state = call('HGET', R .. 'state', id)
      local settled = state and match(state, '^%w|%d+|%d+|%d+|(%d+)') or '0'
      local retries, made, deliveries, attempts = past(state)
      made, deliveries, moved = made + 1, deliveries + 1, moved + 1
      attempts = addAttempt(attempts, made, 'l|' .. nows .. '|' .. fmt('%d', now - claimed) .. '|'
        .. server .. '|' .. pool .. '|')
      local rest = '|' .. retries .. '|' .. made .. '|' .. deliveries .. '|' .. settled .. '||' .. attempts
      if deliveries >= most then
        finish(id, 'd', 'd' .. rest, lane, '*', numbers(1))
        ended[#ended + 1] = id
      else
        call('HSET', R .. 'state', id, 'w' .. rest)
        back(lane, seq, '*', id)
      end
    end
  end
  local head = call('ZRANGE', key, 0, 0, 'WITHSCORES')[2]
  if head and head ~= 'inf' then
    local ends = tonumber(head)
    if not soonest or ends < soonest then soonest = ends end
  elseif tonumber(servers[s + 1]) + 3600000 < now then
    call('UNLINK', key)
    call('ZREM', R .. 'servers', server)
    call('HDEL', R .. 'leaseMs', server)
  end
end
announce(ended)
wakeOpened()
local wait = soonest and (soonest > now and soonest - now or 0)
return { ARGV[1], moved, wait and fmt('%d', wait) or '' }
