--! does: Releases the draft of a large group, or removes its jobs.
--! uses: base numbers names lane due wake final state status kin family finish remove delay put enter kids draft tape
--! lazy: fold event
--! args: 6 '1' if this request may have been carried out before; 7 draft; 8 '1' to release it; 9 holder's id, or ''; 10 fence
--! reply: tag, 'c' it is released, 'l' it is not as the holder lost its claim, 'g' it is gone, 'm' there is more to remove
--! cost: O(children told or jobs removed, at most 500 * log n)
--! keys: claims draft: drafts draftIds: said:
local draft, holder = ARGV[7], ARGV[9]
if ARGV[8] ~= '1' then
  redis.call('HDEL', R .. 'draft:' .. draft, '') -- a write that memory in full allows lets the others through
  return { ARGV[1], M.rollBack(draft) and 'm' or 'g' }
end
if ARGV[6] == '1' and redis.call('EXISTS', R .. 'said:' .. ARGV[1]) == 1 then return { ARGV[1], 'c' } end
local ends = redis.call('ZSCORE', R .. 'drafts', draft)
if not ends or tonumber(ends) == 0 then return { ARGV[1], 'g' } end
if holder ~= '' and string.match(redis.call('HGET', R .. 'claims', holder) or '', '^%d+') ~= ARGV[10] then
  return { ARGV[1], 'l' }
end
redis.call('ZREM', R .. 'drafts', draft)
redis.call('UNLINK', R .. 'draftIds:' .. draft)
redis.call('SET', R .. 'said:' .. ARGV[1], 'c', 'EX', 60)
M.endedKids('#' .. draft, true, '')
M.wakeOpened()
return { ARGV[1], 'c' }
