--! does: Makes hours of the minutes of hours that are over, of some pairs after those for which it was done:
--!     hours:pair      a list of `hour|ends|runs|waits|depth`, the newest last, as the minutes of a series
--!     rolled          `from|to|pair`: hours before `from` are made; those before `to` are being made, and are of the
--!                     pairs up to this one; `to` is the same if none are
--!   Whatever was made of them is made again, so that a call in between changes nothing.
--! uses: base fold
--! args: 3 most minutes, but for those of the last pair
--! reply: tag, '1' if there is more to be done
--! cost: O(pairs + minutes)
--! keys: hours: rolled samples series: totals
local limit, keep = tonumber(ARGV[3]), 192
M.fold()
local hour = math.floor(now / 3600000)
local from, to, after = string.match(redis.call('GET', R .. 'rolled') or '', '^(%d+)|(%d+)|(.*)$')
from, to = tonumber(from or 0), tonumber(to or 0)
if to == from then
  if hour <= from then return { ARGV[1], '' } end
  if from < hour - keep then from = hour - keep end
  to, after = hour, ''
end
local first, last = from * 60, to * 60 - 1

-- The minute of each hour that was sampled last.
local sampled, samples = {}, redis.call('LRANGE', R .. 'samples', 0, -1)
for i = 1, #samples do
  local minute = tonumber(samples[i])
  if minute then sampled[math.floor(minute / 60)] = minute end
end

local function addMinute(hours, text)
  local minute, ends, runs, waits, depth = string.match(text, '^(%d+)|([^|]*)|([^|]*)|([^|]*)|(.*)$')
  minute = tonumber(minute)
  if not minute or minute < first or minute > last then return end
  local at = math.floor(minute / 60)
  local cell = hours[at]
  if not cell then
    cell = { ends = { 0, 0, 0, 0, 0 }, runs = {}, waits = {}, depth = '' }
    hours[at] = cell
  end
  local i = 0
  for n in string.gmatch(ends, '%d+') do
    i = i + 1
    cell.ends[i] = (cell.ends[i] or 0) + n
  end
  M.readTimes(runs, cell.runs)
  M.readTimes(waits, cell.waits)
  if minute == sampled[at] then cell.depth = depth end
end

local function placeOf(text) return tonumber(string.match(text or '', '^%d+')) end

local function roll(pair)
  local key, hours, read, isBefore = R .. 'series:' .. pair, {}, 0, false
  while not isBefore do -- from the newest back
    local part = redis.call('LRANGE', key, -read - 100, -read - 1)
    for i = 1, #part do addMinute(hours, part[i]) end
    read = read + #part
    -- Where the clock was set back, minutes are out of order.
    isBefore = #part < 100 or (placeOf(part[1]) or 0) < first - 60
  end
  local name, order = R .. 'hours:' .. pair, {}
  while (placeOf(redis.call('LINDEX', name, -1)) or -1) >= from do redis.call('RPOP', name) end
  for at in pairs(hours) do order[#order + 1] = at end
  table.sort(order)
  for i = 1, #order do
    local cell, ends = hours[order[i]], {}
    for k = 1, 5 do ends[k] = string.format('%d', cell.ends[k]) end
    redis.call('RPUSH', name, string.format('%d', order[i]) .. '|' .. table.concat(ends, ',') .. '|' .. M.addTimes('', cell.runs) .. '|'
      .. M.addTimes('', cell.waits) .. '|' .. cell.depth)
  end
  if #order > 0 then redis.call('EXPIRE', name, 9 * 86400) end
  while (placeOf(redis.call('LINDEX', name, 0)) or hour) <= hour - keep do redis.call('LPOP', name) end
  return read
end

local names, n = redis.call('HKEYS', R .. 'totals'), 0
table.sort(names)
for i = 1, #names do
  if names[i] > after then
    if n >= limit then
      redis.call('SET', R .. 'rolled', string.format('%d|%d|', from, to) .. names[i - 1])
      return { ARGV[1], '1' }
    end
    n = n + roll(names[i]) + M.dropMinutes(R .. 'series:' .. names[i], math.floor(now / 60000), 120)
  end
end
redis.call('SET', R .. 'rolled', string.format('%d|%d|', to, to))
return { ARGV[1], hour > to and '1' or '' }
