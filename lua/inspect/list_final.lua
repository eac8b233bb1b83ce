--! does: Lists final jobs of a status, the one that ended last first; or deferred ones, the one that
--!   became so last first.
--! uses: base known
--! args: 3 status, 'b' for deferred; 4 queue or '' for all; 5 type or ''; 6 most jobs; 7 number of the last job of the
--!   page before, or ''
--! reply: tag, the number from which to go on ('' at the end), ids
--! cost: O(pairs * (log n + page))
--! keys: b: f: g
local status, queue, kind, limit = ARGV[3], ARGV[4], ARGV[5], tonumber(ARGV[6])
local cursor = tonumber(ARGV[7])
local prefix = status == 'b' and R .. 'b:' or R .. 'g' .. status .. ':'
local names = M.pairsOf(queue, kind)
local chunk = math.ceil(2 * limit / (#names > 0 and #names or 1))
if chunk < 8 then chunk = 8 end
if chunk > limit + 1 then chunk = limit + 1 end
local numbers, byNumber, least = {}, {}, 0
local function add(number, id, isLast)
  numbers[#numbers + 1], byNumber[number] = number, id
  if isLast and number > least then least = number end
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
    local entries = redis.call('LRANGE', key, from, from + chunk - 1)
    for j = 1, #entries do
      local number, id = string.match(entries[j], '^(%d+)[|!*](.*)$')
      if number then add(tonumber(number), id, j == chunk) end
    end
  end
  local below = cursor and '(' .. string.format('%d', cursor) or '+inf'
  local found = redis.call('ZREVRANGEBYSCORE', prefix .. names[i], below, '-inf',
    'WITHSCORES', 'LIMIT', 0, chunk)
  for j = 1, #found, 2 do add(tonumber(found[j + 1]), found[j], j == 2 * chunk - 1) end
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
