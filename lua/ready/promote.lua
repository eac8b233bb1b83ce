--! does: Makes due jobs ready.
--! uses: base digits wake names lane due promote event
--! lazy: back limits park state
--! args: 3 most jobs to move
--! reply: tag, jobs moved, ms until the next one is due ('' if there is none)
--! cost: O(jobs moved * log n)
--! keys: looks
local moved, due = M.promote(tonumber(ARGV[3]))
if M.hasLimits() then
  M.lookAround()
  local look = tonumber(redis.call('ZRANGE', R .. 'looks', 0, 0, 'WITHSCORES')[2])
  if look and (not due or look < due) then due = look end
end
M.wakeOpened()
local wait = due and (due > now and due - now or 0)
return { ARGV[1], moved, wait and string.format('%d', wait) or '' }
