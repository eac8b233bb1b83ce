--! does: Claims ready jobs.
--! uses: base numbers names lane due final accept take hold tape
--! lazy: wake promote delay state status kin family put enter kids remove finish tomb special paused recall fold event back limits park
--! args: from 5 on those of hold
--! reply: tag, the claims as hold has them
--! cost: O(jobs claimed + lanes looked at)
--! keys: none
return { ARGV[1], M.claim(5) }
