--! does: Lists groups of failures, those that failed last first.
--! uses: base
--! args: 3 most groups; 4 type, or ''; 5 fingerprint, or ''; 6 time and 7 fingerprint of the last group before, or ''
--! reply: tag, fingerprints and texts in turn
--! cost: O(groups)
--! keys: errorTimes errors
local limit, kind, print, time, last = tonumber(ARGV[3]), ARGV[4], ARGV[5], ARGV[6], ARGV[7]
local prints = { print }
if print == '' then prints = redis.call('ZREVRANGEBYSCORE', R .. 'errorTimes', time == '' and '+inf' or time, '-inf', 'WITHSCORES') end
local found, step = { ARGV[1] }, print == '' and 2 or 1
for i = 1, #prints, step do
  -- Of the same time those come first whose fingerprints are higher.
  if step == 1 or prints[i + 1] ~= time or prints[i] < last then
    local text = redis.call('HGET', R .. 'errors', prints[i])
    local ofKind = string.match(text or '', '^%d+|%d+|%d+|[^|]*|([^\n]*)')
    if ofKind and (kind == '' or kind == ofKind) then
      found[#found + 1], found[#found + 2] = prints[i], text
      if #found > 2 * limit then break end
    end
  end
end
return found
