--! does: Reads a part of several strands of jobs as if they were one, without what stands before it. A strand is a list
--!   of `number sep id`, or a zset of ids by number; its first entry is the one with the highest number, or with
--!   the lowest one if M.upward. Of equal numbers, the one of the first strand comes before.
--! keys: none
M.strands, M.upward = {}, false

-- Adds a strand if it has entries; tells how many. kind: z zset, f list that begins with its highest number, l with its lowest;
-- name: what it is of. from: how many entries were passed; to: where the search ends.
function M.addStrand(key, kind, name)
  local n = redis.call(kind == 'z' and 'ZCARD' or 'LLEN', key)
  if n > 0 then M.strands[#M.strands + 1] = { key = key, kind = kind, name = name, index = #M.strands + 1, n = n, from = 0, to = n } end
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

-- The number of an entry.
local function numberAt(strand, place)
  if strand.kind == 'z' then
    return tonumber(redis.call(M.upward and 'ZRANGE' or 'ZREVRANGE', strand.key, place, place, 'WITHSCORES')[2])
  end
  if (strand.kind == 'l') ~= M.upward then place = -place - 1 end
  return tonumber(string.match(redis.call('LINDEX', strand.key, place), '^%-?%d+') or 0)
end

-- Whether the entry of one strand comes before that of another.
local function isBefore(a, b)
  if a.number == b.number then return (a.index < b.index) ~= M.upward end
  return (a.number > b.number) ~= M.upward
end

-- Passes over the next `count` entries of all strands, as far as there are so many up to `to`. The entry in the middle of
-- what is left of a strand halves it: where the middles of all, and what comes before them in their strands, are more than
-- are to be passed, the last middle is behind the end; where they are not, the first one is before it.
local function pass(count)
  local order, left, sure = {}, count, 0 -- strands by their middles; how many entries there are up to these
  local function halve(strand)
    if strand.from == strand.to then return end
    strand.middle = math.floor((strand.from + strand.to) / 2)
    if M.strands[2] then strand.number = numberAt(strand, strand.middle) else strand.middle = math.min(strand.from + left, strand.to - 1) end
    sure = sure + strand.middle - strand.from + 1
    local low, high = 1, #order + 1
    while low < high do
      local at = math.floor((low + high) / 2)
      if isBefore(order[at], strand) then low = at + 1 else high = at end
    end
    table.insert(order, low, strand)
  end
  for i = 1, #M.strands do halve(M.strands[i]) end
  while left > 0 and order[1] do
    local strand = table.remove(order, sure <= left and 1 or nil)
    local n = strand.middle - strand.from + 1
    if sure <= left then strand.from, left = strand.middle + 1, left - n else strand.to = strand.middle end
    sure = sure - n
    halve(strand)
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
    for k = 1, #list, 2 do found[#found + 1] = { number = list[k], id = list[k + 1], strand = strand, index = i, place = k } end
  end
  table.sort(found, function(a, b)
    if a.strand == b.strand then return a.place < b.place end
    return isBefore(a, b)
  end)
  return found
end
