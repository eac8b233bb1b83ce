--! does: Reads minutes or hours of some pairs of queue and type.
--! uses: base fold
--! args: 3 first time in ms, before now if negative; 4 last minute or hour; 5 queue or ''; 6 type or ''; 7 pair after which to go on,
--!   or ''; 8 most rows, but for those of the last pair; 9 minute or hour
--! reply: tag, now, '1' if there are more pairs, minutes or hours that were sampled, pairs and lists of their rows in turn, the hour
--!   before which hours were made of minutes
--! cost: O(pairs * log n + rows)
--! keys: hourSamples hours: rolled samples series: totals
local first, last, queue, kind, after, limit = tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5], ARGV[6], ARGV[7], tonumber(ARGV[8])
local isHour = ARGV[9] == 'hour'
local unit, kept = isHour and 3600000 or 60000, isHour and 192 or 1440
M.fold()
if first < 0 then first = now + first end
first = math.floor(first / unit)
local oldest = math.floor(now / unit) - kept + 1
if first < oldest then first = oldest end
local rolled = string.match(redis.call('GET', R .. 'rolled') or '', '^%d+') or '0'
if isHour and last >= tonumber(rolled) then last = rolled - 1 end

local known, names = redis.call('HKEYS', R .. 'totals'), {}
for i = 1, #known do
  local ofQueue, ofKind = string.match(known[i], '^([^|]*)|(.*)$')
  if known[i] > after and (queue == '' or queue == ofQueue) and (kind == '' or kind == ofKind) then
    names[#names + 1] = known[i]
  end
end
table.sort(names)

-- The entries of a list, from the newest back to the first one asked for.
local function rowsOf(key)
  local found, to = {}, -1
  while true do
    local part = redis.call('LRANGE', key, to - 99, to)
    for i = #part, 1, -1 do
      local at = tonumber(string.match(part[i], '^%d+'))
      if at and at >= first and at <= last then found[#found + 1] = part[i] end
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
  local rows = rowsOf((isHour and R .. 'hours:' or R .. 'series:') .. names[i])
  reply[#reply + 1], reply[#reply + 2] = names[i], rows
  n = n + #rows
end
local samples, sampled = redis.call('LRANGE', isHour and R .. 'hourSamples' or R .. 'samples', 0, -1), {}
for i = 1, #samples do
  local at = tonumber(samples[i])
  if at and at >= first and at <= last then sampled[#sampled + 1] = samples[i] end
end
return { ARGV[1], nows, more, sampled, reply, rolled }
