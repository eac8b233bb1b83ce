--! does: Gives hits of a key back, the newest ones first.
--! uses: base hits
--! args: 3 '1' if this request may have been carried out before; 4 key; 5 how many, or '' for all
--! reply: tag
--! cost: O(100)
--! keys: claims said:
local key = ARGV[4]
if ARGV[3] == '1' and redis.call('EXISTS', R .. 'said:' .. ARGV[1]) == 1 then return { ARGV[1] } end
local hits, left = M.readHits(key, math.huge), tonumber(ARGV[5]) or math.huge
for i = #hits.ends, 1, -1 do
  local taken = math.min(left, hits.counts[i])
  left, hits.counts[i] = left - taken, hits.counts[i] - taken
  if hits.counts[i] == 0 then hits.ends[i], hits.counts[i] = nil, nil end
end
-- Without effect, but a write that is allowed when memory is full lets the others through.
redis.call('HDEL', R .. 'claims', '')
M.writeHits(key, hits)
redis.call('SET', R .. 'said:' .. ARGV[1], '', 'EX', 60)
return { ARGV[1] }
