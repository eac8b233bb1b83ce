--! does: Gives a job that was claimed back to its old place, unharmed.
--! keys: expire jobs state

-- mayExpire: whether it may have to be watched for its time again.
function M.release(id, lane, seq, state, mayExpire)
  redis.call('HSET', R .. 'state', id, state)
  M.back(lane, seq, '*', id)
  if M.hears() then M.event('k', id, 'w', (M.parts(lane))) end
  local x = mayExpire and string.match(redis.call('HGET', R .. 'jobs', id) or '', '^%d+|%d%d|[^|]*;x(%d+);')
  if x then redis.call('ZADD', R .. 'expire', x, id) end
end
