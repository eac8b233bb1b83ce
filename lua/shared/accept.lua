--! does: Of the entries that come out of lanes, keeps those that may run: not what was taken away,
--!   not what had to start earlier.
--! keys: jobs tombs

-- What was taken so far: ids, records, lanes, `seq sep` of each; states of those that have one. Accept may put other
-- tables in their places.
M.ids, M.records, M.lanes, M.places, M.states = {}, {}, {}, {}, {}
M.more, M.unseen, M.tombs = false, 0, 'unknown'

-- Drops what may not run from jobs just taken from lanes, and keeps the rest; tells how many.
function M.accept(entries, lanes)
  local n = #entries
  if n == 0 then return 0 end
  if M.tombs == 'unknown' then
    M.tombs = not M.isQuiet() and redis.call('EXISTS', R .. 'tombs') == 1
  end
  local before, tombs, find, sub = #M.ids, M.tombs, string.find, string.sub
  local found, places, graves, plain = {}, {}, {}, true
  for i = 1, n do
    local entry = entries[i]
    local p = not tombs and find(entry, '|', 1, true) -- no id has such a sign
    if not p then
      plain = false
      p = find(entry, '[|!*]') or #entry -- no entry: '' is nobody's id
    end
    places[i], found[i] = sub(entry, 1, p), sub(entry, p + 1)
    if tombs then graves[i] = lanes[i] .. '\n' .. found[i] end
  end
  if tombs then graves = redis.call('HMGET', R .. 'tombs', unpack(graves)) end
  local read = redis.call('HMGET', R .. 'jobs', unpack(found))
  if plain and before == 0 then
    local k = 1
    while read[k] do k = k + 1 end
    if k > n then -- all may run, as nearly always
      M.ids, M.records, M.lanes, M.places = found, read, lanes, places
      n = 0 -- none is left to look at
    end
  end
  local ids, records, from, kept = M.ids, M.records, M.lanes, M.places
  for i = 1, n do
    local entry, record, place = entries[i], read[i], places[i]
    if not record then
      if graves[i] then M.wasDead(lanes[i], found[i], sub(place, 1, -2)) end
    elseif graves[i] or sub(place, -1) ~= '|' then
      M.acceptSpecial(entry, #place, found[i], record, lanes[i], graves[i])
    else
      local k = #ids + 1
      ids[k], records[k], from[k], kept[k] = found[i], record, lanes[i], place
    end
  end
  if M.limited and #M.ids > before then M.countTypes(before + 1) end
  return #M.ids - before
end
