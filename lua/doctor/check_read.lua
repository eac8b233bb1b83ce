--! does: Reads a part of a list whose entries are in order.
--! uses: base doctor_list
--! args: 6 not used; 7 name of the list; 8 place or number of the entry before, or ''; 9 most entries
--! reply: tag, entries
--! cost: O(entries + log n)
--! keys: none
local start = M.after(ARGV[7], ARGV[8])
return { ARGV[1], redis.call('LRANGE', R .. ARGV[7], start, start + ARGV[9] - 1) }
