--! does: Lanes: the ready jobs of a queue, type and priority, as 'queue|PPtype'. An entry is
--!   `seq sep id`; sep is '|' for a job of which nothing is special, '!' for one whose header
--!   says more, '*' for one that has a state.
--! keys: active ctl idx: l: lanes pairs prios:

-- 'queue|PPtype' -> 'queue|type', 'queue', 'PPtype'
function M.parts(lane)
  local p = string.find(lane, '|', 1, true)
  return string.sub(lane, 1, p) .. string.sub(lane, p + 3), string.sub(lane, 1, p - 1), string.sub(lane, p + 1)
end

-- Makes a pair of queue and type known to those who look for all of them.
function M.know(pair)
  if redis.call('SADD', R .. 'pairs', pair) == 1 then redis.call('PUBLISH', R .. 'ctl', 'pair') end
end

-- Pairs of which a lane was empty before this call, with that lane.
M.opened = {}

-- Puts a lane into the index of its queue; its head is not below `first`.
function M.open(lane, first)
  local pair, queue, member = M.parts(lane)
  redis.call('ZADD', R .. 'idx:' .. queue, 'LT', string.format('%d', string.sub(member, 1, 2) * 1e14 + first), member)
  redis.call('SADD', R .. 'active', queue)
  if redis.call('SADD', R .. 'lanes', lane) == 1 then
    redis.call('SADD', R .. 'prios:' .. queue, string.sub(member, 1, 2))
    M.know(pair)
  end
  M.opened[pair] = lane
end

-- Wakes one waiter for each pair that got work it still has.
function M.wakeOpened()
  for pair, lane in pairs(M.opened) do
    if redis.call('EXISTS', R .. 'l:' .. lane) == 1 then M.wake(pair, 'r') end
  end
end
