--! does: Of the entries that come out of lanes, keeps those that may run: not what was taken away,
--!   not what had to start earlier.
--! keys: jobs tombs

-- What was taken so far: ids, records, lanes, `seq sep` of each; states of those that have one.
M.ids, M.records, M.lanes, M.places, M.states = {}, {}, {}, {}, {}
M.more, M.unseen, M.tombs = false, 0, 'unknown'

-- Drops what may not run from jobs just taken from lanes, and keeps the rest; tells how many.
function M.accept(entries, lanes)
  local n, ids, records, places, from = #entries, M.ids, M.records, M.places, M.lanes
  if n == 0 then return 0 end
  if M.tombs == 'unknown' then
    M.tombs = not M.isQuiet() and redis.call('EXISTS', R .. 'tombs') == 1
  end
  local before, tombs, find, sub, byte = #ids, M.tombs, string.find, string.sub, string.byte
  local found, ends, graves = {}, {}, {}
  for i = 1, n do
    local p = find(entries[i], '[|!*]') or #entries[i] -- no entry: '' is nobody's id
    ends[i], found[i] = p, sub(entries[i], p + 1)
    if tombs then graves[i] = lanes[i] .. '\n' .. found[i] end
  end
  if tombs then graves = redis.call('HMGET', R .. 'tombs', unpack(graves)) end
  local read, k = redis.call('HMGET', R .. 'jobs', unpack(found)), before
  for i = 1, n do
    local entry, record, p = entries[i], read[i], ends[i]
    if not record then
      if graves[i] then M.wasDead(lanes[i], found[i], sub(entry, 1, p - 1)) end
    elseif graves[i] or byte(entry, p) ~= 124 then
      M.acceptSpecial(entry, p, found[i], record, lanes[i], graves[i])
      k = #ids
    else
      k = k + 1
      ids[k], records[k], from[k], places[k] = found[i], record, lanes[i], sub(entry, 1, p)
    end
  end
  if M.limited and #ids > before then M.countTypes(before + 1) end
  return #ids - before
end
