--! does: Takes jobs from holders whose lease has ended, in the order of those ends, and forgets servers
--!   that are long gone, and what was said of the starts of those that hold nothing.
--! uses: base numbers wake names lane due back state final held tape
--! lazy: status kin family delay put enter kids remove finish fold event limits park release
--! args: 6 most jobs to take; 7 lost attempts after which a job is dead-lettered
--! reply: tag, jobs taken, ms until the next lease ends ('' if there is none)
--! cost: O(servers * jobs to take + jobs taken * log n)
--! keys: about claims leaseMs leases: servers startMarks state
local limit, most = tonumber(ARGV[6]), tonumber(ARGV[7])
local moved, ended = 0, {}
local marks, marked = {}, redis.call('HGETALL', R .. 'startMarks')
for i = 1, #marked, 2 do marks[marked[i]] = tonumber(marked[i + 1]) end

-- Takes a job from a server, if that holds it. What a claim does not say that cannot be read, the record says.
local function takeBack(id, server, claim, ends)
  local seq, claimed, holder, pool, lane = M.readClaim(claim)
  if not lane then seq, claimed, holder, pool, lane = '', now, server, '', M.laneOf(id) end
  if holder ~= server then return end
  redis.call('HDEL', R .. 'claims', id)
  if not lane then return end
  if M.hasLimits() then M.endClaim(id, lane, '*') end
  local state = redis.call('HGET', R .. 'state', id)
  local settled = M.settledFence(state)
  local retries, made, deliveries, attempts = M.past(state)
  moved = moved + 1
  local mark = marks[server .. '|' .. pool]
  -- Whoever has died twice with a provisional lease may have died of the job.
  local unstarted = ends % 1 ~= 0 and not string.find(state or '', '^w|%d+|%d+|%d+|%d+||s')
  if unstarted or mark and tonumber(string.match(claim, '^%d+')) >= mark then -- for all that is known
    local past = 'w|' .. retries .. '|' .. made .. '|' .. deliveries .. '|' .. settled .. '||s' .. attempts
    return M.release(id, lane, seq, past, made == 0)
  end
  M.note('l', (M.parts(lane)), M.unmarked)
  made, deliveries = made + 1, deliveries + 1
  attempts = M.addAttempt(attempts, made, 'l|' .. nows .. '|' .. string.format('%d', now - claimed) .. '|'
    .. server .. '|' .. pool .. '|')
  local rest = '|' .. retries .. '|' .. made .. '|' .. deliveries .. '|' .. settled .. '||' .. attempts
  if deliveries >= most then
    M.finish(id, 'd', 'd' .. rest, lane, '*', M.numbers(1))
    ended[#ended + 1] = id
  else
    redis.call('HSET', R .. 'state', id, 'w' .. rest)
    M.back(lane, seq, '*', id)
    if M.hears() then M.event('l', id, 'w', (M.parts(lane)), server) end
  end
end

local servers, leases = redis.call('ZRANGE', R .. 'servers', 0, -1, 'WITHSCORES'), {}
for s = 1, #servers, 2 do
  local found = redis.call('ZRANGEBYSCORE', R .. 'leases:' .. servers[s], '-inf', nows, 'WITHSCORES', 'LIMIT', 0, limit)
  for i = 1, #found, 2 do
    leases[#leases + 1] = { id = found[i], server = servers[s], ends = tonumber(found[i + 1]), place = #leases }
  end
end
-- Leases that end at the same time go by server and id.
table.sort(leases, function(a, b)
  if a.ends ~= b.ends then return a.ends < b.ends end
  return a.place < b.place
end)
for i = 1, #leases < limit and #leases or limit do
  local id, server = leases[i].id, leases[i].server
  local claim = redis.call('HGET', R .. 'claims', id)
  redis.call('ZREM', R .. 'leases:' .. server, id)
  if claim then takeBack(id, server, claim, leases[i].ends) end
end

local soonest, holding = nil, {}
for s = 1, #servers, 2 do
  local server, silent = servers[s], now - servers[s + 1]
  if silent >= 60000 and silent >= 3 * (redis.call('HGET', R .. 'leaseMs', server) or 0) then
    redis.call('HDEL', R .. 'about', server)
  end
  local key = R .. 'leases:' .. server
  local head = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')[2]
  if head and head ~= 'inf' then
    local ends = tonumber(head)
    holding[server] = true
    if not soonest or ends < soonest then soonest = ends end
  elseif silent > 3600000 then
    redis.call('UNLINK', key)
    redis.call('ZREM', R .. 'servers', server)
    redis.call('HDEL', R .. 'leaseMs', server)
  end
end
for i = 1, #marked, 2 do
  if not holding[string.match(marked[i], '^[^|]*')] then redis.call('HDEL', R .. 'startMarks', marked[i]) end
end
M.announce(ended)
M.wakeOpened()
local wait = soonest and (soonest > now and soonest - now or 0)
return { ARGV[1], moved, wait and string.format('%d', math.ceil(wait)) or '' }
