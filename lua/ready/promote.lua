--! does: Makes due jobs ready, and repairs wakes that were lost with their waiter.
--! uses: base wake lane due promote
--! args: 3 most jobs to move
--! reply: tag, jobs moved, ms until the next one is due ('' if there is none)
--! cost: O(jobs moved * log n)
--! keys: active idx:
local limit = tonumber(ARGV[3])
local moved, due = M.promote(limit)
M.wakeOpened()
-- A token may have gone with the process that took it: lanes with jobs get another.
local queues = redis.call('SMEMBERS', R .. 'active')
for i = 1, #queues < 64 and #queues or 64 do
  local members = redis.call('ZRANGE', R .. 'idx:' .. queues[i], 0, 15)
  if #members == 0 then redis.call('SREM', R .. 'active', queues[i]) end
  for j = 1, #members do M.wake(queues[i] .. '|' .. string.sub(members[j], 3), 'r') end
end
local wait = due and (due > now and due - now or 0)
return { ARGV[1], moved, wait and string.format('%d', wait) or '' }
