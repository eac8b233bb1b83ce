--! does: Reads a part of several lines of jobs as if they were one, without what stands before it. A line is a list
--!   of `number sep id`, or a zset of ids by number; its first entry is the one with the highest number, or with
--!   the lowest one if M.upward. Of equal numbers, the one of the first line comes before.
--! keys: none
M.lines, M.upward = {}, false

-- Adds a line if it has entries; tells how many. kind: z zset, f list that begins with its highest number, l with its lowest;
-- name: what it is of. from: how many entries were passed; to: where the search ends.
function M.addLine(key, kind, name)
  local n = redis.call(kind == 'z' and 'ZCARD' or 'LLEN', key)
  if n > 0 then M.lines[#M.lines + 1] = { key = key, kind = kind, name = name, n = n, from = 0, to = n } end
  return n
end

-- Entries of a line from one place up to before another, as number and id in turn.
local function read(line, from, to)
  local found, key = {}, line.key
  if line.kind == 'z' then
    local list = redis.call(M.upward and 'ZRANGE' or 'ZREVRANGE', key, from, to - 1, 'WITHSCORES')
    for i = 1, #list, 2 do found[i], found[i + 1] = tonumber(list[i + 1]), list[i] end
    return found
  end
  local isForward = (line.kind == 'l') == M.upward
  local list = isForward and redis.call('LRANGE', key, from, to - 1) or redis.call('LRANGE', key, -to, -from - 1)
  for i = 1, #list do
    local number, id = string.match(list[isForward and i or #list + 1 - i], '^(%-?%d+)[|!*](.*)$')
    found[2 * i - 1], found[2 * i] = tonumber(number or 0), id or ''
  end
  return found
end

local function isBefore(a, b)
  if M.upward then return a < b end
  return a > b
end

-- How many entries of a line, from `from` on and up to `to`, come before those with a number; with `equal` ones, if so said.
local function countBefore(line, number, withEqual)
  local low, high = line.from, line.to
  if line.kind == 'z' then
    local bound = (withEqual and '' or '(') .. string.format('%.17g', number)
    local n = M.upward and redis.call('ZCOUNT', line.key, '-inf', bound) or redis.call('ZCOUNT', line.key, bound, '+inf')
    return n < low and low or n > high and high or n
  end
  while low < high do
    local mid = math.floor((low + high) / 2)
    if isBefore(read(line, mid, mid + 1)[1], number) then low = mid + 1 else high = mid end
  end
  return low
end

-- Passes over the next `count` entries of all lines, as far as there are so many up to `to`: what is left of them is halved
-- again and again by an entry in the middle, and the place that it has in each line.
local function pass(count)
  local lines, left = M.lines, count
  while left > 0 do
    local width = 0
    for i = 1, #lines do width = width + lines[i].to - lines[i].from end
    if left >= width then
      for i = 1, #lines do lines[i].from = lines[i].to end
      return
    end
    local p, middle = 1, width / 2
    while middle >= lines[p].to - lines[p].from do p, middle = p + 1, middle - (lines[p].to - lines[p].from) end
    local place = math.floor((lines[p].from + lines[p].to) / 2)
    if #lines == 1 then place = lines[p].from + left end
    local number, before, cuts = read(lines[p], place, place + 1)[1], 0, {}
    for i = 1, #lines do
      cuts[i] = i == p and place or countBefore(lines[i], number, i < p ~= M.upward)
      before = before + cuts[i] - lines[i].from
    end
    if before >= left then
      for i = 1, #lines do lines[i].to = cuts[i] end
    else
      for i = 1, #lines do lines[i].from = cuts[i] end
      lines[p].from, left = place + 1, left - before - 1
    end
  end
end

-- Passes over the next `count` entries.
function M.skip(count)
  for i = 1, #M.lines do M.lines[i].to = M.lines[i].n end
  pass(count)
end

-- Reads the next `count` entries in their order: each with number, id and line.
function M.take(count)
  local lines, starts, found = M.lines, {}, {}
  for i = 1, #lines do
    local line = lines[i]
    starts[i], line.to = line.from, math.min(line.n, line.from + count)
  end
  pass(count)
  for i = 1, #lines do
    local line = lines[i]
    local list = line.from > starts[i] and read(line, starts[i], line.from) or {}
    for k = 1, #list, 2 do found[#found + 1] = { number = list[k], id = list[k + 1], line = line, at = (M.upward and -1 or 1) * i, place = k } end
  end
  table.sort(found, function(a, b)
    if a.number ~= b.number then return isBefore(a.number, b.number) end
    if a.at ~= b.at then return a.at < b.at end
    return a.place < b.place
  end)
  return found
end
