--! does: Reads a part of several strands of jobs as if they were one, without what stands before it. A strand is a list
--!   of `number sep id`, or a zset of ids by number; its first entry is the one with the highest number, or with
--!   the lowest one if M.upward. Of equal numbers, the one of the first strand comes before.
--! keys: none
M.strands, M.upward = {}, false

-- Adds a strand if it has entries; tells how many. kind: z zset, f list that begins with its highest number, l with its lowest;
-- name: what it is of. from: how many entries were passed; to: where the search ends.
function M.addStrand(key, kind, name)
  local n = redis.call(kind == 'z' and 'ZCARD' or 'LLEN', key)
  if n > 0 then M.strands[#M.strands + 1] = { key = key, kind = kind, name = name, n = n, from = 0, to = n } end
  return n
end

-- Entries of a strand from one place up to before another, as number and id in turn.
local function read(strand, from, to)
  local found, key = {}, strand.key
  if strand.kind == 'z' then
    local list = redis.call(M.upward and 'ZRANGE' or 'ZREVRANGE', key, from, to - 1, 'WITHSCORES')
    for i = 1, #list, 2 do found[i], found[i + 1] = tonumber(list[i + 1]), list[i] end
    return found
  end
  local isForward = (strand.kind == 'l') == M.upward
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

-- How many entries of a strand, from `from` on and up to `to`, come before those with a number; with `equal` ones, if so said.
local function countBefore(strand, number, withEqual)
  local low, high = strand.from, strand.to
  if strand.kind == 'z' then
    local bound = (withEqual and '' or '(') .. string.format('%.17g', number)
    local n = M.upward and redis.call('ZCOUNT', strand.key, '-inf', bound) or redis.call('ZCOUNT', strand.key, bound, '+inf')
    return n < low and low or n > high and high or n
  end
  while low < high do
    local mid = math.floor((low + high) / 2)
    if isBefore(read(strand, mid, mid + 1)[1], number) then low = mid + 1 else high = mid end
  end
  return low
end

-- Passes over the next `count` entries of all strands, as far as there are so many up to `to`: what is left of them is halved
-- again and again by an entry in the middle, and the place that it has in each strand.
local function pass(count)
  local strands, left = M.strands, count
  while left > 0 do
    local width = 0
    for i = 1, #strands do width = width + strands[i].to - strands[i].from end
    if left >= width then
      for i = 1, #strands do strands[i].from = strands[i].to end
      return
    end
    local p, middle = 1, width / 2
    while middle >= strands[p].to - strands[p].from do p, middle = p + 1, middle - (strands[p].to - strands[p].from) end
    local place = math.floor((strands[p].from + strands[p].to) / 2)
    if #strands == 1 then place = strands[p].from + left end
    local number, before, cuts = read(strands[p], place, place + 1)[1], 0, {}
    for i = 1, #strands do
      cuts[i] = i == p and place or countBefore(strands[i], number, i < p ~= M.upward)
      before = before + cuts[i] - strands[i].from
    end
    if before >= left then
      for i = 1, #strands do strands[i].to = cuts[i] end
    else
      for i = 1, #strands do strands[i].from = cuts[i] end
      strands[p].from, left = place + 1, left - before - 1
    end
  end
end

-- Passes over the next `count` entries.
function M.skip(count)
  for i = 1, #M.strands do M.strands[i].to = M.strands[i].n end
  pass(count)
end

-- Reads the next `count` entries in their order: each with number, id and strand.
function M.take(count)
  local strands, starts, found = M.strands, {}, {}
  for i = 1, #strands do
    local strand = strands[i]
    starts[i], strand.to = strand.from, math.min(strand.n, strand.from + count)
  end
  pass(count)
  for i = 1, #strands do
    local strand = strands[i]
    local list = strand.from > starts[i] and read(strand, starts[i], strand.from) or {}
    for k = 1, #list, 2 do found[#found + 1] = { number = list[k], id = list[k + 1], strand = strand, at = (M.upward and -1 or 1) * i, place = k } end
  end
  table.sort(found, function(a, b)
    if a.number ~= b.number then return isBefore(a.number, b.number) end
    if a.at ~= b.at then return a.at < b.at end
    return a.place < b.place
  end)
  return found
end
