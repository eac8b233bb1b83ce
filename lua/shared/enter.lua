--! does: Jobs that come into their line: new ones, and those that their parents let go.
--! keys: none

-- Priority, flags, queue and type of a record.
function M.head(record)
  return string.match(record, '^%d+|(%d%d)|([^|]*)|([^|]*)|([^\n]*)')
end

-- When something is due: '+ms' from now on, ms, or '' for now.
function M.dueAt(time)
  if time == '' then return now end
  return string.sub(time, 1, 1) == '+' and now + string.sub(time, 2) or tonumber(time)
end

-- Puts a job that waits for no parent where a due time says; gives its status.
function M.enterAt(id, record, state, time)
  local at, name, member = M.dueAt(time), M.scheduledPlace(id, record, state)
  local pair = string.sub(name, 3)
  if at > now then
    M.delay(name, pair, { string.format('%d', at), member }, at)
    return 's'
  end
  local p = string.find(pair, '|', 1, true)
  M.put(string.sub(pair, 1, p) .. string.sub(member, 1, 2) .. string.sub(pair, p + 1), string.sub(member, 3, 3), id)
  return 'w'
end

-- The same by the delay that its record says.
function M.enter(id, record)
  return M.enterAt(id, record, false, string.match(record, '^%d+|%d%d|[^|]*;w(%+?%d+);') or '')
end
