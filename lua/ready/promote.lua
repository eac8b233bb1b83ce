--! does: Makes due jobs ready.
--! uses: base wake names lane due promote event
--! args: 3 most jobs to move
--! reply: tag, jobs moved, ms until the next one is due ('' if there is none)
--! cost: O(jobs moved * log n)
--! keys: none
local moved, due = M.promote(tonumber(ARGV[3]))
M.wakeOpened()
local wait = due and (due > now and due - now or 0)
return { ARGV[1], moved, wait and string.format('%d', wait) or '' }
