--! does: Claims ready jobs.
--! uses: base numbers wake lane due state final tomb accept take hold
--! args: from 5 on those of hold
--! reply: tag, the claims as hold has them
--! cost: O(jobs claimed + lanes looked at)
--! keys: none
return { ARGV[1], claim(5) }
