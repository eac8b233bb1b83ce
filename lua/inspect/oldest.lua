--! does: Finds the ready jobs of some lanes that took their places first, and the delayed ones of all pairs that are due first.
--! uses: base names tomb
--! args: 3 '1' for the delayed ones too; then lanes
--! reply: tag, now, jobs that are ready: each as pair, id, the first two lines of its record, end of its last attempt that was not lost ('0' if
--!   it has a state, but none; else '') and a time before it took its place, if one is known; jobs that are due: each as pair, id, due time
--! cost: O(lanes * log n), and O(1,000) for each lane with dead entries
--! keys: due jobs l: p: parked places state tombs
local parked, tombs = redis.call('EXISTS', R .. 'parked') == 1, redis.call('EXISTS', R .. 'tombs') == 1
local places

-- The last time that was noted when a place had not been given; '' if there is none.
local function timeBefore(place)
  if not places then places = redis.call('LRANGE', R .. 'places', 0, -1) end
  local low, high = 0, #places + 1
  while high - low > 1 do
    local middle = math.floor((low + high) / 2)
    if tonumber(string.match(places[middle], '|(%d+)$') or 0) < place then low = middle else high = middle end
  end
  return low > 0 and string.match(places[low], '^%d+') or ''
end

local ready = {}
local function tell(lane, id, place, sep)
  local record = redis.call('HGET', R .. 'jobs', id)
  local head = record and string.match(record, '^[^\n]*\n[^\n]*')
  if not head then return end
  local state = sep ~= '|' and redis.call('HGET', R .. 'state', id)
  local last = state and '0' or ''
  for at in string.gmatch(state or '', '\n[crdx]|(%d+)|') do last = at end
  local isPlain = sep == '|' and not string.find(head, ';t;', 1, true)
  ready[#ready + 1] = { (M.parts(lane)), id, head, last, not isPlain and place > 0 and timeBefore(place) or '' }
end

local function placeAt(key, i)
  return tonumber(string.match(redis.call('LINDEX', key, i) or '', '^%-?%d+') or 0)
end

-- The first entry that stands for a job, from one place in a lane on, or back.
local function tellFirst(lane, from, isBack)
  local key = R .. 'l:' .. lane
  local dead = tombs and tonumber(redis.call('HGET', R .. 'tombs', lane) or 0) or 0
  if dead > 1000 then dead = 1000 end
  local list = isBack and redis.call('LRANGE', key, from > dead and from - dead or 0, from) or redis.call('LRANGE', key, from, from + dead)
  for i = isBack and #list or 1, isBack and 1 or #list, isBack and -1 or 1 do
    local place, sep, id = string.match(list[i], '^(%-?%d+)([|!*])(.+)$')
    if id and not (dead > 0 and M.isDead(lane, id, place)) then return tell(lane, id, tonumber(place), sep) end
  end
end

for i = 4, #ARGV do
  local lane = ARGV[i]
  local key = R .. 'l:' .. lane
  local length = redis.call('LLEN', key)
  local first = 0 -- of those that did not go to the front, of which the last one is the oldest
  if length > 0 and placeAt(key, 0) < 0 then
    local high = length
    while high - first > 1 do
      local middle = math.floor((first + high) / 2)
      if placeAt(key, middle) < 0 then first = middle else high = middle end
    end
    tellFirst(lane, first, true)
    first = high
  end
  if first < length then tellFirst(lane, first, false) end
  if parked then
    local aside = redis.call('ZRANGEBYSCORE', R .. 'p:' .. lane, 0, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
    if #aside == 0 then aside = redis.call('ZREVRANGE', R .. 'p:' .. lane, 0, 0, 'WITHSCORES') end
    if #aside > 0 then tell(lane, aside[1], tonumber(aside[2]), '*') end
  end
end
local due = {}
if ARGV[3] == '1' then
  local names = redis.call('ZRANGEBYSCORE', R .. 'due', '-inf', nows, 'LIMIT', 0, 1000)
  for i = 1, #names do
    local head = redis.call('ZRANGE', R .. names[i], 0, 0, 'WITHSCORES')
    if head[2] and tonumber(head[2]) <= now then due[#due + 1] = { string.sub(names[i], 3), string.sub(head[1], 4), head[2] } end
  end
end
return { ARGV[1], nows, ready, due }
