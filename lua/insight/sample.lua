--! does: Writes how many jobs have not ended, once in a minute.
--! uses: base fold error_group
--! args: 3 pairs n, or '' to ask whether it is to be done; then for each: pair, counts with commas between them
--! reply: tag, pairs written, or -1 if it is to be done; ms until the next minute; '1' if there may be hours to be made
--! cost: O(pairs)
--! keys: hourSamples places rolled samples seq
local minute = string.format('%d', now / 60000)
local wait = string.format('%d', math.ceil((minute + 1) * 60000 - now))
local last = tonumber(redis.call('LINDEX', R .. 'samples', -1) or 0)
local hour = string.format('%d', now / 3600000)
local from, to = string.match(redis.call('GET', R .. 'rolled') or '', '^(%d+)|(%d+)|')
local isRolled = from and from == to and tonumber(from) >= tonumber(hour)
if last and last >= tonumber(minute) then return { ARGV[1], 0, wait, isRolled and '' or '1' } end
if ARGV[3] == '' then return { ARGV[1], -1, wait, '1' } end
M.fold() -- it begins with a write that is allowed when memory is full, so that the others are too
M.dropErrors()
redis.call('RPUSH', R .. 'samples', minute)
if redis.call('LLEN', R .. 'samples') > 1440 then redis.call('LPOP', R .. 'samples') end
if redis.call('LINDEX', R .. 'hourSamples', -1) ~= hour then
  if redis.call('RPUSH', R .. 'hourSamples', hour) > 192 then redis.call('LPOP', R .. 'hourSamples') end
end
-- Until when which place in line had been given: so it is known about since when a job stands there.
redis.call('RPUSH', R .. 'places', nows .. '|' .. (redis.call('GET', R .. 'seq') or '0'))
if redis.call('LLEN', R .. 'places') > 1440 then redis.call('LPOP', R .. 'places') end
local sums, names = {}, {}
for i = 1, tonumber(ARGV[3]) do
  local pair, j = M.pairOf(ARGV[2 + 2 * i]), 0
  if not sums[pair] then
    sums[pair] = { 0, 0, 0, 0, 0 }
    names[#names + 1] = pair
  end
  for n in string.gmatch(ARGV[3 + 2 * i], '%d+') do
    j = j + 1
    sums[pair][j] = sums[pair][j] + n
  end
end
for i = 1, #names do M.addMinute(names[i], minute, {}, {}, {}, table.concat(sums[names[i]], ',')) end
return { ARGV[1], tonumber(ARGV[3]), wait, isRolled and '' or '1' }
