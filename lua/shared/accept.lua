--! does: Of the entries that come out of lanes, keeps those that may run: not what was taken away,
--!   not what had to start earlier.
--! keys: expire jobs state tombs

-- What was taken so far.
local ids, records, states, places = {}, {}, {}, {}
local more = false
local tombs -- whether there are any; asked once

-- Drops what may not run from jobs just taken from lanes, and keeps the rest.
local function accept(entries, lanes)
  local n = #entries
  if n == 0 then return 0 end
  if tombs == nil then tombs = call('EXISTS', R .. 'tombs') == 1 end
  local found, seps, seqs = {}, {}, {}
  for i = 1, n do
    local p = find(entries[i], '[|!*]')
    seqs[i], seps[i], found[i] = sub(entries[i], 1, p - 1), sub(entries[i], p, p), sub(entries[i], p + 1)
  end
  local read = call('HMGET', R .. 'jobs', unpack(found))
  local kept = 0
  for i = 1, n do
    local id, sep, record, state = found[i], seps[i], read[i], false
    local dead = tombs and wasDead(lanes[i], id)
    if record and not dead then
      if tombs or sep == '*' then state = call('HGET', R .. 'state', id) end
      if tombs then sep = state and '*' or match(record, '^%d+|%d%d|[^|]*;[xcfnb]') and '!' or '|' end
      local late = false
      if sep ~= '|' then
        local x = match(record, '^%d+|%d%d|[^|]*;x(%d+);')
        local _, made = past(state)
        if x and made == 0 then
          call('ZREM', R .. 'expire', id)
          late = tonumber(x) <= now
        end
      end
      if late then
        finish(id, 'x', expired(state), lanes[i], '!', numbers(1))
        announce({ id })
      else
        kept = kept + 1
        local k = #ids + 1
        ids[k], records[k], states[k] = id, record, state or ''
        places[k] = seqs[i] .. sep .. '|' .. lanes[i]
      end
    end
  end
  return kept
end
