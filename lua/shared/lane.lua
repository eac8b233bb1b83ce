--! does: Lanes: the ready jobs of a queue, type and priority, as 'queue|PPtype'. An entry is
--!   `seq sep id`; sep is '|' for a job of which nothing is special, '!' for one whose header
--!   says more, '*' for one that has a state.
--! keys: active ctl idx: l: lanes pairs prios: queues types:

-- Makes a pair of queue and type known to those who look for all of them.
function M.know(pair)
  if redis.call('SADD', R .. 'pairs', pair) == 0 then return end
  local p = string.find(pair, '|', 1, true)
  local queue = string.sub(pair, 1, p - 1)
  redis.call('SADD', R .. 'queues', queue)
  redis.call('SADD', R .. 'types:' .. queue, string.sub(pair, p + 1))
  redis.call('PUBLISH', R .. 'ctl', 'pair ' .. pair)
end

-- Lanes that were empty before this call, with their pair.
M.opened = {}

-- Puts a lane into the index of its queue; its head is not below `first`.
function M.open(lane, first)
  local pair, queue, member = M.parts(lane)
  redis.call('ZADD', R .. 'idx:' .. queue, 'LT', string.format('%d', string.sub(member, 1, 2) * 1e14 + first), member)
  redis.call('ZADD', R .. 'active', 0, queue)
  if redis.call('SADD', R .. 'lanes', lane) == 1 then
    redis.call('SADD', R .. 'prios:' .. queue, string.sub(member, 1, 2))
    M.know(pair)
  end
  M.opened[lane] = pair
end

-- Whether limits are to be asked; what got free of them in this call, as park.lua has it.
M.limited, M.freed = false, false

-- Wakes one waiter for each lane that got work it still has, and tells who listens what happened.
function M.wakeOpened()
  if M.freed then M.freed.tell() end
  for lane, pair in pairs(M.opened) do
    if redis.call('EXISTS', R .. 'l:' .. lane) == 1 then M.wake(pair, 'r') end
  end
  if M.events then M.tellEvents() end
end
