--! does: Tells who held the jobs of a batch, most of which one server and pool has claimed from one lane.
--! keys: none
-- Server, pool and lane of a claim, by what its text ends with from `at` on. Most of a batch end as the one before, and
-- need no text of their own. Nothing of one that cannot be read.
local holders, last, lastHolder = {}, '', {}
local function holderOf(claim, at)
  if #claim - at + 1 == #last and string.find(claim, last, at, true) then return lastHolder end
  local tail = string.sub(claim, at)
  local holder = holders[tail]
  if not holder then
    local server, pool, lane = string.match(tail, '^%d+|[^|]*|([^|]*)|([^|]*)|([^|]*|%d%d.*)$')
    holder = lane and { server = server, lane = lane, by = '|' .. server .. '|' .. pool .. '|' } or {}
    holders[tail] = holder
  end
  last, lastHolder = tail, holder
  return holder
end
