--! does: Looks at entries that need more than a glance before they are claimed.
--! keys: expire state

-- Whether a job that was never started is past its time. It need not be watched any longer.
function M.isLate(id, record, state)
  local x = string.match(record, '^%d+|%d%d|[^|]*;x(%d+);')
  if not x then return false end
  local _, made = M.past(state)
  if made > 0 then return false end
  redis.call('ZREM', R .. 'expire', id)
  return tonumber(x) <= now
end

-- Looks at a job that has a past, or a header that says more, or that may have been taken away, as
-- its tombstone says.
function M.acceptSpecial(entry, p, id, record, lane, tomb)
  if tomb and M.wasDead(lane, id, string.sub(entry, 1, p - 1)) then return end
  local sep, state = string.sub(entry, p, p), nil
  if tomb or sep == '*' then state = redis.call('HGET', R .. 'state', id) end
  if tomb then sep = M.sepOf(string.match(record, '^%d+|%d%d|([^|]*)|') or '', state) end
  if sep ~= '|' and M.isLate(id, record, state) then
    M.finish(id, 'x', M.expired(state), lane, '!', M.numbers(1))
    M.announce({ id })
    local key = M.limited and M.keyOf(record)
    if key then M.putBack(key) end
    if M.hasKin() then M.more = true end -- it may have let others go
    return
  end
  if M.limited and M.parks(id, record, lane, string.sub(entry, 1, p - 1)) then return end
  local k = #M.ids + 1
  M.ids[k], M.records[k], M.lanes[k], M.places[k] = id, record, lane, string.sub(entry, 1, p - 1) .. sep
  M.states[k] = state or nil
end
