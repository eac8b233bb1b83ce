--! does: Lanes: the ready jobs of a queue, type and priority, as 'queue|PPtype'. An entry is
--!   `seq sep id`; sep is '|' for a job of which nothing is special, '!' for one whose header
--!   says more, '*' for one that has a state.
--! keys: active ctl idx: l: lanes pairs prios:

-- 'queue|PPtype' -> 'queue|type', 'queue', 'PPtype'
local function parts(lane)
  local p = find(lane, '|', 1, true)
  return sub(lane, 1, p) .. sub(lane, p + 3), sub(lane, 1, p - 1), sub(lane, p + 1)
end

-- Makes a pair of queue and type known to those who look for all of them.
local function know(pair)
  if call('SADD', R .. 'pairs', pair) == 1 then call('PUBLISH', R .. 'ctl', 'pair') end
end

-- Pairs of which a lane was empty before this call, with that lane.
local opened = {}

-- Puts a lane into the index of its queue; its head is not below `first`.
local function open(lane, first)
  local pair, queue, member = parts(lane)
  call('ZADD', R .. 'idx:' .. queue, 'LT', fmt('%d', sub(member, 1, 2) * 1e14 + first), member)
  call('SADD', R .. 'active', queue)
  if call('SADD', R .. 'lanes', lane) == 1 then
    call('SADD', R .. 'prios:' .. queue, sub(member, 1, 2))
    know(pair)
  end
  opened[pair] = lane
end

-- Wakes one waiter for each pair that got work it still has.
local function wakeOpened()
  for pair, lane in pairs(opened) do
    if call('EXISTS', R .. 'l:' .. lane) == 1 then wake(pair, 'r') end
  end
end
