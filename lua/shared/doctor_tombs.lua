--! does: Checks the tombstones: as many for each job as its lane has dead entries of it.
--! keys: l: tombs

-- Most entries of lanes that are searched, and most tombstones that are added up, in one call. In a lane
-- that is longer, the tombstones of one job are not counted.
local MOST = 5000
local budget, lanes = MOST, {}

-- Places in a lane by id; nil if it is too long.
local function placesIn(lane)
  local key = R .. 'l:' .. lane
  local length = lanes[lane] or redis.call('LLEN', key)
  if lanes[lane] == nil and length <= budget then
    budget = budget - length
    lanes[lane] = {}
    for from = 0, length - 1, 1000 do
      local entries = redis.call('LRANGE', key, from, from + 999)
      for i = 1, #entries do
        local place, id = M.placeOf(entries[i])
        local places = id and lanes[lane][id]
        if places then places[#places + 1] = place elseif id then lanes[lane][id] = { place } end
      end
    end
  end
  return lanes[lane]
end

-- Tombstones by lane, as those of its jobs say.
local sums
local function sumOf(lane)
  if not sums then
    sums = {}
    local all = redis.call('HGETALL', R .. 'tombs')
    for i = 1, #all, 2 do
      local of = string.match(all[i], '^([^\n]*)\n')
      if of then sums[of] = (sums[of] or 0) + (string.match(all[i + 1], '^%d+') or 0) end
    end
  end
  return sums[lane] or 0
end

local function checkSum(lane, text)
  if redis.call('HLEN', R .. 'tombs') > MOST then return end
  local sum = sumOf(lane)
  if tonumber(text) == sum then return end
  M.found('wrong_count', nil, 'tombs counts ' .. text .. ' in l:' .. lane .. ', but there are ' .. sum, function()
    if sum == 0 then redis.call('HDEL', R .. 'tombs', lane)
    else redis.call('HSET', R .. 'tombs', lane, string.format('%d', sum)) end
  end)
end

function M.fields.tombs(_, field, text)
  local lane, id = string.match(field, '^([^\n]*)\n(.*)$')
  if not lane then return checkSum(field, text) end
  local places = placesIn(lane)
  if not places then return end
  local count, front, last = string.match(text, '^(%d+):(%-?%d+):(%d+)$')
  count, front, last = tonumber(count), tonumber(front), tonumber(last)
  local dead = 0
  for _, place in ipairs(count and places[id] or {}) do
    if place >= front and place <= last then dead = dead + 1 end
  end
  if count == dead then return end
  M.found('stale_entry', id, 'tombs has ' .. (count and string.format('%d', count) or 'no number') .. ' of it in l:' .. lane .. ', but there are ' .. dead,
    function()
      sums = nil
      if dead > 0 then redis.call('HSET', R .. 'tombs', field, string.format('%d:%d:%d', dead, front, last))
      else redis.call('HDEL', R .. 'tombs', field) end
      if (tonumber(redis.call('HGET', R .. 'tombs', lane) or 0) or 0) + dead <= (count or 0) then
        redis.call('HDEL', R .. 'tombs', lane)
      else
        redis.call('HINCRBY', R .. 'tombs', lane, string.format('%d', dead - (count or 0)))
      end
    end)
end
