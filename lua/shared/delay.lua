--! does: Makes jobs wait for a time.
--! keys: due

-- Adds `score, member, ...` to a zset; wakes a waiter if the next due time is earlier now.
function M.delay(name, pair, args, first)
  local before = M.nextDue()
  M.quiet = false
  redis.call('ZADD', R .. name, unpack(args))
  redis.call('ZADD', R .. 'due', 'LT', string.format('%d', first), name)
  M.know(pair)
  if not before or first < before then M.wake(pair, 'd') end
end
