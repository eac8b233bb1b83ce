--! does: The status of a job, by where it is: c d x final, p claimed, s scheduled, r retry, w ready.
--! keys: claims state

-- The name of the zset that a delayed job may be in, and its member there.
function M.delayedPlace(id, record, state)
  local prio, flags, queue, kind = string.match(record, '^%d+|(%d%d)|([^|]*)|([^|]*)|([^\n]*)')
  local pair = queue .. '|' .. kind
  if state and string.sub(state, 1, 1) == 'r' then return 'r:' .. pair, prio .. '*' .. id end
  if state or not string.find(flags, ';t;', 1, true) then return nil end
  local special, front = string.find(flags, ';[xcfnb]'), string.find(flags, ';a;', 1, true)
  return 'd:' .. pair, prio .. (special and (front and '&' or '!') or (front and '^' or '|')) .. id
end

function M.statusOf(id, record)
  if redis.call('HEXISTS', R .. 'claims', id) == 1 then return 'p' end
  local state = redis.call('HGET', R .. 'state', id)
  local status = state and string.sub(state, 1, 1)
  if status == 'c' or status == 'd' or status == 'x' then return status end
  local name, member = M.delayedPlace(id, record, state)
  if name and redis.call('ZSCORE', R .. name, member) then return string.sub(name, 1, 1) == 'd' and 's' or 'r' end
  return 'w'
end
