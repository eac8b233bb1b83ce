--! does: Reads minutes of some pairs of queue and type.
--! uses: base fold
--! args: 3 first time in ms, before now if negative; 4 last minute; 5 queue or ''; 6 type or ''; 7 pair after which to go on, or ''; 8 most
--!   minutes, but for those of the last pair
--! reply: tag, now, '1' if there are more pairs, minutes that were sampled, pairs and lists of their minutes in turn
--! cost: O(pairs * log n + minutes)
--! keys: samples series: totals
local first, last, queue, kind, after, limit = tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5], ARGV[6], ARGV[7], tonumber(ARGV[8])
M.fold()
if first < 0 then first = now + first end
first = math.floor(first / 60000)
local oldest = math.floor(now / 60000) - 1439
if first < oldest then first = oldest end

local known, names = redis.call('HKEYS', R .. 'totals'), {}
for i = 1, #known do
  local ofQueue, ofKind = string.match(known[i], '^([^|]*)|(.*)$')
  if known[i] > after and (queue == '' or queue == ofQueue) and (kind == '' or kind == ofKind) then
    names[#names + 1] = known[i]
  end
end
table.sort(names)

-- The entries of a list, from the newest back to the first minute.
local function minutesOf(key)
  local found, to = {}, -1
  while true do
    local part = redis.call('LRANGE', key, to - 99, to)
    for i = #part, 1, -1 do
      local minute = tonumber(string.match(part[i], '^%d+'))
      if minute and minute >= first and minute <= last then found[#found + 1] = part[i] end
    end
    -- Where the clock was set back, minutes are out of order.
    if #part < 100 or tonumber(string.match(part[1], '^%d+')) < first - 60 then return found end
    to = to - 100
  end
end

local reply, n, more = {}, 0, ''
for i = 1, #names do
  if n >= limit then
    more = '1'
    break
  end
  local minutes = minutesOf(R .. 'series:' .. names[i])
  reply[#reply + 1], reply[#reply + 2] = names[i], minutes
  n = n + #minutes
end
local samples, sampled = redis.call('LRANGE', R .. 'samples', 0, -1), {}
for i = 1, #samples do
  local minute = tonumber(samples[i])
  if minute and minute >= first and minute <= last then sampled[#sampled + 1] = samples[i] end
end
return { ARGV[1], nows, more, sampled, reply }
