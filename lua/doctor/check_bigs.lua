--! does: Tells which payloads with keys of their own the records name.
--! uses: base
--! args: 6 not used; 7 jobs or broken; 8 cursor; 9 about how many records
--! reply: tag, cursor of HSCAN, names
--! cost: O(records)
--! keys: none
local scan, names = redis.call('HSCAN', R .. ARGV[7], ARGV[8], 'COUNT', ARGV[9]), {}
for i = 2, #scan[2], 2 do
  for name in string.gmatch(string.match(scan[2][i], '^[^\n]*'), ';b([^;|]+);') do names[#names + 1] = name end
end
return { ARGV[1], scan[1], names }
