--! does: Lists final jobs of a status, the one that ended last first; or deferred ones, the one that
--!   became so last first.
--! uses: base known
--! args: 3 status, 'b' for deferred; 4 queue or '' for all; 5 type or ''; 6 most jobs; 7 number of the last job of the
--!   page before, or ''
--! reply: tag, the number from which to go on ('' at the end), ids
--! cost: O(pairs * (log n + page / pairs) + page)
--! keys: b: f: g
local status, queue, kind, limit = ARGV[3], ARGV[4], ARGV[5], tonumber(ARGV[6])
local cursor = tonumber(ARGV[7])
local prefix = status == 'b' and R .. 'b:' or R .. 'g' .. status .. ':'
local names = M.pairsOf(queue, kind)
local chunk = math.ceil(2 * limit / (#names > 0 and #names or 1))
if chunk < 8 then chunk = 8 end
if chunk > limit + 1 then chunk = limit + 1 end
local numbers, byNumber, strands = {}, {}, {}
-- What comes next of the jobs of one pair, in one list or zset.
local function pull(strand, count)
  local found = strand.at and redis.call('LRANGE', strand.key, strand.at, strand.at + count - 1)
    or redis.call('ZREVRANGEBYSCORE', strand.key, strand.below, '-inf', 'WITHSCORES', 'LIMIT', 0, count)
  local step = strand.at and 1 or 2
  for i = 1, #found, step do
    local number, id = found[i + 1], found[i]
    if strand.at then number, id = string.match(found[i], '^(%d+)[|!*](.*)$') end
    if number then
      strand.last = tonumber(number)
      numbers[#numbers + 1], byNumber[strand.last] = strand.last, id
    end
  end
  strand.hasMore = #found == step * count
  if strand.at then strand.at = strand.at + #found
  elseif strand.last then strand.below = '(' .. string.format('%d', strand.last) end
end
for i = 1, #names do
  if status == 'c' then
    local key = R .. 'f:' .. names[i]
    local from = 0
    if cursor then -- the first entry older than the cursor
      local low, high, step = -1, redis.call('LLEN', key), 1
      while high - low > 1 do
        -- In growing steps from the head, where most pages are, then by halves: Redis walks to what is far from both ends.
        local mid = step and low + step or math.floor((low + high) / 2)
        if mid >= high then mid, step = math.floor((low + high) / 2), nil end
        if tonumber(string.match(redis.call('LINDEX', key, mid), '^%d+') or 0) < cursor then high, step = mid, nil
        else low, step = mid, step and 2 * step end
      end
      from = high
    end
    strands[#strands + 1] = { key = key, at = from }
  end
  strands[#strands + 1] = { key = prefix .. names[i], below = cursor and '(' .. string.format('%d', cursor) or '+inf' }
end
for i = 1, #strands do pull(strands[i], chunk) end
-- What is below the last of a strand of which there is more may not be next. That strand is read on, as
-- many jobs of one pair may have ended together.
local least
for round = 1, 8 do
  local shortest, sure = nil, 0
  least = 0
  for i = 1, #strands do
    local strand = strands[i]
    if strand.hasMore and strand.last and strand.last > least then least, shortest = strand.last, strand end
  end
  for i = 1, #numbers do
    if numbers[i] >= least then sure = sure + 1 end
  end
  if not shortest or sure >= limit or round == 8 then break end
  pull(shortest, limit)
end
table.sort(numbers, function(a, b) return a > b end)
local ids, next = {}, ''
for i = 1, #numbers do
  if numbers[i] < least or #ids == limit then break end
  ids[#ids + 1] = byNumber[numbers[i]]
  next = string.format('%d', numbers[i])
  if i == #numbers and least == 0 then next = '' end
end
return { ARGV[1], next, ids }
