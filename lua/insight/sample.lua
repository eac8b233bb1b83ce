--! does: Writes how many jobs have not ended, once in a minute.
--! uses: base fold error_group
--! args: 3 pairs n, or '' to ask whether it is to be done; then for each: pair, counts with commas between them
--! reply: tag, pairs written, or -1 if it is to be done; ms until the next minute
--! cost: O(pairs)
--! keys: samples
local minute = string.format('%d', now / 60000)
local wait = string.format('%d', math.ceil((minute + 1) * 60000 - now))
if redis.call('ZSCORE', R .. 'samples', minute) then return { ARGV[1], 0, wait } end
if ARGV[3] == '' then return { ARGV[1], -1, wait } end
-- The first write is one that is allowed when memory is full, so that the others are too.
redis.call('ZREMRANGEBYSCORE', R .. 'samples', '-inf', minute - 1440)
M.fold()
M.dropErrors()
redis.call('ZADD', R .. 'samples', minute, minute)
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
return { ARGV[1], tonumber(ARGV[3]), wait }
