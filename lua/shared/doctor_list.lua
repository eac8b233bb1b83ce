--! does: Goes through the lists of the doctor: lanes, whose places rise, and final jobs, whose numbers fall.
--! keys: tombs

-- Place or number of an entry, and its id; nil if it cannot be taken apart.
function M.placeOf(entry)
  local place, id = string.match(entry, '^(%-?%d+)[|!*](.+)$')
  if place then return tonumber(place), id end
end

-- Index of the first entry behind a cursor ('' for the beginning). What cannot be taken apart is behind
-- what stands before it.
function M.after(name, cursor)
  if cursor == '' then return 0 end
  local key, sign = R .. name, string.sub(name, 1, 1) == 'f' and -1 or 1
  local bound, low, high = sign * tonumber(cursor), -1, redis.call('LLEN', R .. name)
  local function at(i)
    local place = M.placeOf(redis.call('LINDEX', key, i))
    return place and sign * place
  end
  while high - low > 1 do
    local mid = math.floor((low + high) / 2)
    local i, value = mid, at(mid)
    while not value and i + 1 < high do
      i = i + 1
      value = at(i)
    end
    if value and value <= bound then low = i else high = mid end
  end
  return low + 1
end

-- Whether an entry of a list was not taken away.
function M.isAlive(name, id, place)
  if string.sub(name, 1, 1) == 'f' then return true end
  if M.hasTombs == nil then M.hasTombs = redis.call('EXISTS', R .. 'tombs') == 1 end
  return not (M.hasTombs and M.isDead(string.sub(name, 3), id, place))
end

-- The entries of some ids (the keys of a table) that are alive in a list.
function M.seek(name, wanted)
  local hits, key = {}, R .. name
  for from = 0, redis.call('LLEN', key) - 1, 1000 do
    local entries = redis.call('LRANGE', key, from, from + 999)
    for i = 1, #entries do
      local p = string.find(entries[i], '[|!*]')
      local id = p and string.sub(entries[i], p + 1)
      if id and wanted[id] then
        local place = M.placeOf(entries[i])
        if place and M.isAlive(name, id, place) then
          local list = hits[id]
          if list then list[#list + 1] = entries[i] else hits[id] = { entries[i] } end
        end
      end
    end
  end
  return hits
end
