--! does: Reads ids of the jobs of a status by how many stand before them: final and deferred ones in the order in which they
--!   became so, delayed ones by their due time, ready ones by their place. Or those of jobs with children, by their enqueue.
--! uses: base names tomb strands
--! args: 3 letter of the status, or k for those with children; 4 type or ''; 5 how many jobs stand before; 6 most jobs; 7 '1' if the oldest come first;
--!   then queues, none for all
--! reply: tag, how many jobs there are, ids; of k, how many children each knows of
--! cost: O(strands * log n + page), and O(3,500) if there are dead entries
--! keys: b: d: f: family g kids: kin: l: lanes p: pairs parked r: tombs
local status, kind, offset, limit, isOldest = ARGV[3], ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7] == '1'
local queues, isReady = {}, status == 'w'
for i = 8, #ARGV do queues[ARGV[i]] = true end
local names = redis.call('SMEMBERS', isReady and R .. 'lanes' or R .. 'pairs')
table.sort(names) -- strands of the same order at each call
local parked, tombs = redis.call('EXISTS', R .. 'parked') == 1, redis.call('EXISTS', R .. 'tombs') == 1
local keys = { b = R .. 'b:', s = R .. 'd:', r = R .. 'r:', k = R .. 'kin:' }
local total, dead = 0, 0
for i = 1, #names do
  local name = names[i]
  local p = string.find(name, '|', 1, true)
  local isAsked = #ARGV < 8 or queues[string.sub(name, 1, p - 1)]
  if isAsked and (kind == '' or string.sub(name, p + (isReady and 3 or 1)) == kind) then
    if isReady then
      local n = M.addStrand(R .. 'l:' .. name, 'l', name)
      local buried = tombs and n > 0 and tonumber(redis.call('HGET', R .. 'tombs', name) or 0) or 0
      dead, total = dead + buried, total + n - buried
      if parked then total = total + M.addStrand(R .. 'p:' .. name, 'z') end
    else
      if status == 'c' then total = total + M.addStrand(R .. 'f:' .. name, 'f') end
      total = total + M.addStrand((keys[status] or R .. 'g' .. status .. ':') .. name, 'z')
    end
  end
end
local count = limit < total - offset and limit or total - offset
if count <= 0 then return { ARGV[1], total, {} } end
local first, last = offset, total - offset - count -- how many stand before the page, and behind it
if isOldest then first, last = last, first end
M.upward = last < first -- it is read from the nearer end
local left = M.upward and last or first

local function isAlive(one)
  return one.id ~= '' and (one.strand.kind ~= 'l' or not M.isDead(one.strand.name, one.id, one.number))
end

-- Where there are dead entries, looks at 2,000 of those before the page, and takes the others to be spread evenly.
local looks = dead > 0 and 2000 or 0
while left > 0 and looks > 0 do
  local some = M.take(left < looks and left or looks)
  looks = #some > 0 and looks - #some or 0
  for i = 1, #some do
    if isAlive(some[i]) then left = left - 1 else dead = dead - 1 end
  end
end
if left > 0 then M.skip(left + math.floor(dead * left / (count + left + (M.upward and first or last)))) end
local found, ids = M.take(count + (dead > 0 and 1000 or 0)), {}
for i = 1, #found do
  if #ids < count and (dead == 0 or isAlive(found[i])) then ids[#ids + 1] = string.sub(found[i].id, (status == 's' or status == 'r') and 4 or 1) end
end
if M.upward ~= isOldest then
  for i = 1, math.floor(#ids / 2) do ids[i], ids[#ids + 1 - i] = ids[#ids + 1 - i], ids[i] end
end
if status ~= 'k' or #ids == 0 then return { ARGV[1], total, ids } end
local kids = redis.call('HMGET', R .. 'family', unpack(ids))
for i = 1, #ids do kids[i] = kids[i] == '' and redis.call('ZCARD', R .. 'kids:' .. ids[i]) or kids[i] and 1 or 0 end
return { ARGV[1], total, ids, kids }
