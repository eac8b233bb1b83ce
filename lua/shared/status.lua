--! does: The status of a job, by where it is: c d x final, p claimed, s scheduled, r retry, w ready.
--! keys: claims state

-- The name of the zset that a delayed job may be in, and its member there.
local function delayedPlace(id, record, state)
  local prio, flags, queue, kind = match(record, '^%d+|(%d%d)|([^|]*)|([^|]*)|([^\n]*)')
  local pair = queue .. '|' .. kind
  if state and sub(state, 1, 1) == 'r' then return 'r:' .. pair, prio .. '*' .. id end
  if state or not find(flags, ';t;', 1, true) then return nil end
  local special, front = find(flags, ';[xcfnb]'), find(flags, ';a;', 1, true)
  return 'd:' .. pair, prio .. (special and (front and '&' or '!') or (front and '^' or '|')) .. id
end

local function statusOf(id, record)
  if call('HEXISTS', R .. 'claims', id) == 1 then return 'p' end
  local state = call('HGET', R .. 'state', id)
  local status = state and sub(state, 1, 1)
  if status == 'c' or status == 'd' or status == 'x' then return status end
  local name, member = delayedPlace(id, record, state)
  if name and call('ZSCORE', R .. name, member) then return sub(name, 1, 1) == 'd' and 's' or 'r' end
  return 'w'
end
