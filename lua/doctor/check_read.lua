--! does: Reads a part of a list whose entries are in order.
--! uses: base names tomb doctor_list
--! args: 6 not used; 7 name of the list; 8 place or number of the entry before, or ''; 9 most entries
--! reply: tag, entries; of those that were taken away only place and `|`
--! cost: O(entries + log n)
--! keys: tombs
local start = M.after(ARGV[7], ARGV[8])
local entries = redis.call('LRANGE', R .. ARGV[7], start, start + ARGV[9] - 1)
for i = 1, redis.call('EXISTS', R .. 'tombs') == 1 and #entries or 0 do
  local place, id = M.placeOf(entries[i])
  if place and not M.isAlive(ARGV[7], id, place) then entries[i] = string.format('%d|', place) end
end
return { ARGV[1], entries }
