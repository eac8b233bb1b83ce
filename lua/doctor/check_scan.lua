--! does: Checks a part of a zset or hash, member by member.
--! uses: base digits numbers names wake lane due final state status kin add_kids family finish remove delay put enter kids promote tomb draft doctor doctor_list doctor_index doctor_entries doctor_fields doctor_schedules doctor_tombs tape doctor_limits memo doctor_desk
--! lazy: fold event back park limits held
--! args: 6 '1' to repair; 7 name of the key; 8 cursor; 9 about how many members
--! reply: tag, members looked at, findings, cursor of the scan
--! cost: O(members); O(entries of the lanes, at most 5,000) for tombstones
--! keys: none
local name, cursor, count = ARGV[7], ARGV[8], ARGV[9]
local kind, pair = string.match(name, '^(%l+):(.*)$')
local judge, command = M.fields[name], 'HSCAN'
if not judge then
  judge, command = M.members[kind and (string.match(kind, '^([gk])[cdxt]$') or kind) or name], 'ZSCAN'
end
if not judge then return M.verdict('0') end
local scan = redis.call(command, R .. name, cursor, 'COUNT', count)
local list = scan[2]
M.checked = #list / 2
for i = 1, #list, 2 do judge(name, list[i], list[i + 1]) end
local isOfPair = pair and kind ~= 'leases' and kind ~= 'p' and kind ~= 'pk' and kind ~= 'slots'
if isOfPair and redis.call('EXISTS', R .. name) == 1 then
  M.checkPair(pair, name)
  if kind == 'd' or kind == 'r' then M.checkDelayed(name) end
end
M.announce(M.fallen)
M.wakeOpened()
return M.verdict(scan[1])
