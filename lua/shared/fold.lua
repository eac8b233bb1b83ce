--! does: Takes the tape apart, and adds what it says to
--!     totals          pair -> completed,retried,dead,canceled,lost
--!     day:day         queue -> completed,dead
--!     series:pair     a list of `minute|counts as above|runs|waits|depth`, the newest last; runs and waits as
--!                     `first bucket:count,count`, nothing for 0; depth as a sample gives it
--!   A pair is `queue|type`; those for which there is no room are `*|*`.
--! keys: day: series: tape totals
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

-- Adds a table of counts by bucket to a histogram's text.
local function addTimes(text, counts)
  if not next(counts) then return text end
  local first, list = string.match(text, '^(%d+):(.*)$')
  if first then
    local bucket = tonumber(first)
    for n in string.gmatch(list .. ',', '([^,]*),') do
      if n ~= '' then counts[bucket] = (counts[bucket] or 0) + n end
      bucket = bucket + 1
    end
  end
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
  local text = minute .. '|' .. addCounts(ends, counts) .. '|' .. addTimes(ran, runs) .. '|' .. addTimes(waited, waits)
    .. '|' .. (depth or deep)
  if not isNew then return redis.call('LSET', key, -1, text) end
  redis.call('RPUSH', key, text)
  redis.call('EXPIRE', key, (minutesKept + 60) * 60)
  for _ = 1, 2 do
    local oldest = redis.call('LINDEX', key, 0)
    if tonumber(string.match(oldest, '^%d+') or 0) > minute - minutesKept then return end
    redis.call('LPOP', key)
  end
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
