--! does: The status of a job, by where it is: c d x t final, p claimed, b deferred, s scheduled, r retry,
--!   w ready; f if record or state cannot be read, so that nobody knows.
--! keys: b: claims state

-- What separates place and id in a job's entry, by its flags and its state.
function M.sepOf(flags, state)
  return state and '*' or string.find(flags, ';[xcfnbugkl]') and '!' or '|'
end

-- Whether a job goes before its equals when it becomes ready: it never ran, and is to.
function M.goesFirst(flags, state)
  return string.find(flags, ';a;', 1, true) and not (state and not string.find(state, '^%w|%d+|0|'))
end

local fronts = { ['|'] = '^', ['!'] = '&', ['*'] = '@' }

-- The name of the zset in which a job would be scheduled, and its member there.
function M.scheduledPlace(id, record, state)
  local prio, flags, queue, kind = string.match(record, '^%d+|(%d%d)|([^|]*)|([^|]*)|([^\n]*)')
  local sep = M.sepOf(flags, state)
  return 'd:' .. queue .. '|' .. kind, prio .. (M.goesFirst(flags, state) and fronts[sep] or sep) .. id
end

-- The name of the zset that a delayed job may be in, and its member there.
function M.delayedPlace(id, record, state)
  local status = state and string.sub(state, 1, 1)
  if status == 'r' then
    local prio, queue, kind = string.match(record, '^%d+|(%d%d)|[^|]*|([^|]*)|([^\n]*)')
    if not queue then return nil end
    return 'r:' .. queue .. '|' .. kind, prio .. '*' .. id
  end
  if status and status ~= 'w' or not string.find(record, '^%d+|%d%d|[^|]*;t;[^|]*|[^|]*|') then return nil end
  return M.scheduledPlace(id, record, state)
end

-- Whether a job is deferred.
function M.isDeferred(id, record)
  local queue, kind = string.match(record, '^%d+|%d%d|[^|]*;g;[^|]*|([^|]*)|([^\n]*)')
  return queue and redis.call('ZSCORE', R .. 'b:' .. queue .. '|' .. kind, id)
end

-- Whether a job says what it is: what its script needs to know of it.
function M.isReadable(record, state)
  return string.find(record, '^%d+|%d%d|[^|\n]*|[^|\n]*|[^\n]*\n')
    and (not state or string.find(state, '^[cdxtrw]|%d+|%d+|%d+|%d+|%d*|'))
end

-- Its status; also gives its state, if it has one.
function M.statusOf(id, record)
  local state = redis.call('HGET', R .. 'state', id)
  if redis.call('HEXISTS', R .. 'claims', id) == 1 then return 'p', state end
  if not M.isReadable(record, state) then return 'f', state end
  local status = state and string.sub(state, 1, 1)
  if status == 'c' or status == 'd' or status == 'x' or status == 't' then return status, state end
  if M.isDeferred(id, record) then return 'b', state end
  local name, member = M.delayedPlace(id, record, state)
  if name and redis.call('ZSCORE', R .. name, member) then
    return string.sub(name, 1, 1) == 'd' and 's' or 'r', state
  end
  return 'w', state
end
