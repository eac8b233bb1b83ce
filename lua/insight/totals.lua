--! does: Tells what ended since the beginning, by queue and type.
--! uses: base fold
--! args: none
--! reply: tag, pairs and counts in turn
--! cost: O(pairs)
--! keys: totals
M.fold()
return { ARGV[1], redis.call('HGETALL', R .. 'totals') }
