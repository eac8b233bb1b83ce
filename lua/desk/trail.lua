--! does: Reads entries of a trail, the newest first.
--! uses: base
--! args: 3 name; 4 number that they are below; 5 how many
--! reply: tag, entries
--! cost: O(entries of the trail)
--! keys: trail:
local key, below = R .. 'trail:' .. ARGV[3], tonumber(ARGV[4])
local last = tonumber(string.match(redis.call('LINDEX', key, 0) or '', '^%d+') or 0)
local from = math.max(0, last - below + 1)
return { ARGV[1], redis.call('LRANGE', key, from, string.format('%d', from + ARGV[5] - 1)) }
