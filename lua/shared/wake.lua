--! does: Wake tokens: a list per queue and type on which idle servers block. One token is
--!   enough, since whoever takes it and leaves work behind puts in another.
--!   kind: 'r' a job is ready; 'd' the next due time is earlier.
--! keys: w:
function M.wake(pair, kind)
  local key = R .. 'w:' .. pair
  if redis.call('LLEN', key) < (kind == 'd' and 2 or 1) then redis.call('LPUSH', key, kind) end
end
