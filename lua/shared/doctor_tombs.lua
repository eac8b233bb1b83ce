--! does: Checks the tombstones: as many for each job as its lane has dead entries of it.
--! keys: l: tombs

-- Longest lane that is searched, and most tombstones that are added up, in one call.
local MOST = 10000

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
  local key = R .. 'l:' .. lane
  local length = redis.call('LLEN', key)
  if length > MOST then return end
  local count, front, last = string.match(text, '^(%d+):(%-?%d+):(%d+)$')
  local dead = 0
  for from = 0, count and length - 1 or -1, 1000 do
    local entries = redis.call('LRANGE', key, from, from + 999)
    for i = 1, #entries do
      local place, of = M.placeOf(entries[i])
      if of == id and place >= tonumber(front) and place <= tonumber(last) then dead = dead + 1 end
    end
  end
  if count and tonumber(count) == dead then return end
  M.found('stale_entry', id, 'tombs has ' .. (count or 'no number') .. ' of it in l:' .. lane .. ', but there are ' .. dead,
    function()
      sums = nil
      if dead > 0 then redis.call('HSET', R .. 'tombs', field, string.format('%d:', dead) .. front .. ':' .. last)
      else redis.call('HDEL', R .. 'tombs', field) end
      if (tonumber(redis.call('HGET', R .. 'tombs', lane) or 0) or 0) + dead <= (count or 0) then
        redis.call('HDEL', R .. 'tombs', lane)
      else
        redis.call('HINCRBY', R .. 'tombs', lane, string.format('%d', dead - (count or 0)))
      end
    end)
end
