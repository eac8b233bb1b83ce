--! does: Adds entries to a trail: `trail:{name}`, `number|at|text`, the newest first.
--! uses: base
--! args: 3 '1' if this request may have been carried out before; 4 name; 5 most entries; then texts
--! reply: tag
--! cost: O(texts)
--! keys: claims said: trail:
if ARGV[3] == '1' and redis.call('EXISTS', R .. 'said:' .. ARGV[1]) == 1 then return { ARGV[1] } end
local key, entries = R .. 'trail:' .. ARGV[4], {}
local last = tonumber(string.match(redis.call('LINDEX', key, 0) or '', '^%d+') or 0)
for i = 6, #ARGV do entries[i - 5] = string.format('%d|', last + i - 5) .. nows .. '|' .. ARGV[i] end
-- Without effect, but a write that is allowed when memory is full lets the others through.
redis.call('HDEL', R .. 'claims', '')
if #entries > 0 then redis.call('LPUSH', key, unpack(entries)) end
redis.call('LTRIM', key, 0, ARGV[5] - 1)
redis.call('SET', R .. 'said:' .. ARGV[1], '', 'EX', 60)
return { ARGV[1] }
