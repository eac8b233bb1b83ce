--! does: Claims ready jobs.
--! uses: base digits numbers names lane due final accept take hold tape
--! lazy: wake promote delay state status kin family put enter kids remove finish tomb special paused recall fold event back limits park
--! args: 3, 4, 5 default retention; 6 '' or, of a claim that waits behind a blocking call, the name of
--!   the list that calls it off; then those of hold
--! reply: tag, the claims as hold has them; the tag alone if it was called off
--! cost: O(jobs claimed + lanes looked at)
--! keys: own:
if ARGV[6] ~= '' then
  if redis.call('DEL', R .. 'own:' .. ARGV[6]) == 1 then return { ARGV[1] } end
  M.provisional = true
end
return { ARGV[1], M.claim(6) }
