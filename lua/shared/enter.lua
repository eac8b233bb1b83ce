--! does: Jobs that come into their line: new ones, and those that their parents let go.
--! keys: l:

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

-- When a deferred job is due once it is let go, as its flags say.
function M.delayOf(flags)
  return string.match(flags, ';w(%+?%d+);') or ''
end

-- The same by the delay that its record says.
function M.enter(id, record)
  return M.enterAt(id, record, false, M.delayOf(string.match(record, '^%d+|%d%d|([^|]*)')))
end

-- Jobs that come in together: what goes into each lane, and what into each zset of delayed ones, by its pair.
M.lines, M.later = {}, {}

-- Where jobs with the same header come in.
function M.doorOf(prio, flags, queue, kind)
  local sep = M.sepOf(flags, false)
  return {
    pair = queue .. '|' .. kind, lane = queue .. '|' .. prio .. kind, prio = prio, sep = sep,
    front = M.goesFirst(flags, false) and (sep == '|' and '^' or '&') or nil,
  }
end

-- Adds a job that never ran, with a place in line that is higher than those given before; M.enterAll puts it there.
-- Gives its status.
function M.enterWith(door, id, time, place)
  local at = time == '' and now or M.dueAt(time)
  if at > now then
    local list = M.later[door.pair]
    if not list then
      list = { first = at }
      M.later[door.pair] = list
    end
    if at < list.first then list.first = at end
    list[#list + 1], list[#list + 2] = string.format('%d', at), door.prio .. (door.front or door.sep) .. id
    return 's'
  end
  if door.front then
    M.put(door.lane, door.front, id)
    return 'w'
  end
  local list = M.lines[door.lane]
  if list then list[#list + 1] = string.format('%d', place) .. door.sep .. id
  else M.lines[door.lane] = { string.format('%d', place) .. door.sep .. id, first = place } end
  return 'w'
end

function M.enterAll()
  for lane, list in pairs(M.lines) do
    if redis.call('RPUSH', R .. 'l:' .. lane, unpack(list)) == #list then M.open(lane, list.first) end
  end
  for pair, list in pairs(M.later) do M.delay('d:' .. pair, pair, list, list.first) end
  M.lines, M.later = {}, {}
end
