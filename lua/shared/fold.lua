--! does: Takes the tape apart, and adds what it says to
--!     totals          pair -> completed,retried,dead,canceled,lost
--!     day:day         queue -> completed,dead
--!     series:pair     a list of `minute|counts as above|runs|waits|depth`, the newest last; runs and waits as
--!                     `first bucket:count,count`, nothing for 0; depth as a sample gives it
--!   A pair is `queue|type`; those for which there is no room are `*|*`.
--!   Minutes stay until they are in their hours (roll.lua), unless nobody makes hours of them.
--! keys: day: rolled series: tape totals
M.rolled = false
local pairsKept, minutesKept, daysKept = 1000, 1440, 90

-- The pair that another counts as, once its row in the totals is there.
function M.pairOf(pair)
  if redis.call('HEXISTS', R .. 'totals', pair) == 1 then return pair end
  if redis.call('HLEN', R .. 'totals') >= pairsKept then pair = '*|*' end
  redis.call('HSETNX', R .. 'totals', pair, '0,0,0,0,0')
  return pair
end

local function addCounts(text, counts)
  local i = 0
  return (string.gsub(text, '%d+', function(n)
    i = i + 1
    return string.format('%d', n + (counts[i] or 0))
  end))
end

-- Adds what a histogram's text says to a table of counts by bucket.
function M.readTimes(text, counts)
  local first, list = string.match(text, '^(%d+):(.*)$')
  if not first then return end
  local bucket = tonumber(first)
  for n in string.gmatch(list .. ',', '([^,]*),') do
    if n ~= '' then counts[bucket] = (counts[bucket] or 0) + n end
    bucket = bucket + 1
  end
end

-- Adds a table of counts by bucket to a histogram's text.
function M.addTimes(text, counts)
  if not next(counts) then return text end
  M.readTimes(text, counts)
  local low, high = 999, 0
  for bucket in pairs(counts) do
    if bucket < low then low = bucket end
    if bucket > high then high = bucket end
  end
  local texts = {}
  for bucket = low, high do texts[#texts + 1] = counts[bucket] and string.format('%d', counts[bucket]) or '' end
  return low .. ':' .. table.concat(texts, ',')
end

-- Adds to a minute of a pair; `depth` if it is not nil.
function M.addMinute(pair, minute, counts, runs, waits, depth)
  local key = R .. 'series:' .. pair
  local last = redis.call('LINDEX', key, -1)
  local at, ends, ran, waited, deep = string.match(last or '', '^(%d+)|([^|]*)|([^|]*)|([^|]*)|(.*)$')
  local isNew = at ~= minute
  if isNew then ends, ran, waited, deep = '0,0,0,0,0', '', '', '' end
  local text = minute .. '|' .. addCounts(ends, counts) .. '|' .. M.addTimes(ran, runs) .. '|' .. M.addTimes(waited, waits)
    .. '|' .. (depth or deep)
  if not isNew then return redis.call('LSET', key, -1, text) end
  redis.call('RPUSH', key, text)
  redis.call('EXPIRE', key, 9 * 86400)
  M.dropMinutes(key, minute, 2)
end

-- Lets go of minutes that are too old, of some of them; tells how many.
function M.dropMinutes(key, minute, limit)
  if not M.rolled then M.rolled = tonumber(string.match(redis.call('GET', R .. 'rolled') or '', '^%d+') or 0) end
  for n = 1, limit do
    local text = redis.call('LINDEX', key, 0)
    local oldest = tonumber(string.match(text or '', '^%d+') or 0)
    if not text or oldest > minute - minutesKept then return n - 1 end
    if oldest >= M.rolled * 60 and redis.call('LLEN', key) <= 2 * minutesKept then return n - 1 end
    redis.call('LPOP', key)
  end
  return limit
end

-- The tape as tables: one per minute and pair, in order.
local function cellsOf(tape)
  local places = { c = 1, r = 2, d = 3, x = 4, t = 4, l = 5 }
  local cells, byKey, at = {}, {}, 1
  while true do
    local line = string.find(tape, '\n', at, true)
    local stop = line and string.find(tape, '\n', line + 1, true)
    if not stop then return cells end
    local minute, kind, pair = string.match(string.sub(tape, at, line - 1), '^(%d+)(%l)(.*)$')
    local cell = byKey[minute .. '|' .. pair]
    if not cell then
      cell = { minute, pair, { 0, 0, 0, 0, 0 }, {}, {} }
      byKey[minute .. '|' .. pair] = cell
      cells[#cells + 1] = cell
    end
    local runs, waits = cell[4], cell[5]
    cell[3][places[kind]] = cell[3][places[kind]] + (stop - line - 1) / 2
    for i = line + 1, stop - 1, 2 do
      local ran, waited = string.byte(tape, i, i + 1)
      if ran > 10 then ran = ran - 1 end
      if waited > 10 then waited = waited - 1 end
      if ran ~= 126 then runs[ran] = (runs[ran] or 0) + 1 end
      if waited ~= 126 then waits[waited] = (waits[waited] or 0) + 1 end
    end
    at = stop + 1
  end
end

function M.fold()
  local cells = cellsOf(redis.call('GETDEL', R .. 'tape') or '')
  for i = 1, #cells do
    local minute, pair, counts, runs, waits = unpack(cells[i])
    pair = M.pairOf(pair)
    redis.call('HSET', R .. 'totals', pair, addCounts(redis.call('HGET', R .. 'totals', pair), counts))
    if counts[1] + counts[3] > 0 then
      local day, queue = R .. 'day:' .. math.floor(minute / 1440), string.match(pair, '^[^|]*')
      local before = redis.call('HGET', day, queue)
      redis.call('HSET', day, queue, addCounts(before or '0,0', { counts[1], counts[3] }))
      if not before then redis.call('EXPIRE', day, (daysKept + 1) * 86400) end
    end
    M.addMinute(pair, minute, counts, runs, waits)
  end
end
