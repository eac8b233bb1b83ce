--! does: Lists ready jobs, the last in line first.
--! uses: base names tomb
--! args: 3 queue or '' for all; 4 type or ''; 5 most jobs; 6 place of the last job of the page before, or ''
--! reply: tag, the place from which to go on ('' at the end), ids
--! cost: O(lanes * (log n + page))
--! keys: l: lanes p: parked tombs
local queue, kind, limit, cursor = ARGV[3], ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6])
local lanes, all = {}, redis.call('SMEMBERS', R .. 'lanes')
for i = 1, #all do
  local _, q, member = M.parts(all[i])
  if (queue == '' or q == queue) and (kind == '' or string.sub(member, 3) == kind) then
    lanes[#lanes + 1] = all[i]
  end
end
local chunk = math.ceil(2 * limit / (#lanes > 0 and #lanes or 1))
if chunk < 8 then chunk = 8 end
if chunk > limit + 1 then chunk = limit + 1 end
local parked = redis.call('EXISTS', R .. 'parked') == 1
local tombs = redis.call('EXISTS', R .. 'tombs') == 1
local places, byPlace, floorPlace = {}, {}, -math.huge
for i = 1, #lanes do
  local key = R .. 'l:' .. lanes[i]
  local aside = parked and redis.call('ZREVRANGEBYSCORE', R .. 'p:' .. lanes[i], cursor and '(' .. ARGV[6] or '+inf', '-inf',
    'WITHSCORES', 'LIMIT', 0, chunk) or {}
  for j = 1, #aside, 2 do
    local place = tonumber(aside[j + 1])
    places[#places + 1], byPlace[place] = place, aside[j]
  end
  if #aside == 2 * chunk and tonumber(aside[2 * chunk]) > floorPlace then floorPlace = tonumber(aside[2 * chunk]) end
  local length = redis.call('LLEN', key)
  local last = length - 1
  if cursor and length > 0 then -- the last entry before the cursor
    local low, high = -1, length
    while high - low > 1 do
      local mid = math.floor((low + high) / 2)
      if tonumber(string.match(redis.call('LINDEX', key, mid), '^%-?%d+') or 0) < cursor then low = mid else high = mid end
    end
    last = low
  end
  if last >= 0 then
    local from = last - chunk + 1
    local entries = redis.call('LRANGE', key, from > 0 and from or 0, last)
    local parts, graves = {}, {}
    for j = 1, #entries do
      local place, id = string.match(entries[j], '^(%-?%d+)[|!*](.*)$')
      parts[j] = { tonumber(place), id }
      graves[j] = lanes[i] .. '\n' .. (id or '')
    end
    graves = tombs and redis.call('HMGET', R .. 'tombs', unpack(graves)) or {}
    for j = 1, #entries do
      local place, id = unpack(parts[j])
      if place then
        places[#places + 1] = place
        if not (graves[j] and M.isDead(lanes[i], id, place)) then byPlace[place] = id end
        if j == 1 and from > 0 and place > floorPlace then floorPlace = place end
      end
    end
  end
end
table.sort(places, function(a, b) return a > b end)
local ids, next = {}, ''
for i = 1, #places do
  if places[i] < floorPlace or #ids == limit then break end
  if byPlace[places[i]] then ids[#ids + 1] = byPlace[places[i]] end
  next = string.format('%d', places[i])
  if i == #places and floorPlace == -math.huge then next = '' end
end
return { ARGV[1], next, ids }
