--! does: Numbers that only rise, also when Redis lost its last writes: max(last + 1, time in µs).
--!   They are the fences of claims and the order in which jobs ended.
--! keys: fence
function M.numbers(n)
  local first = us
  local last = redis.call('SET', R .. 'fence', string.format('%d', us + n - 1), 'GET')
  if last and tonumber(last) >= us then
    first = tonumber(last) + 1
    redis.call('SET', R .. 'fence', string.format('%d', first + n - 1))
  end
  return first
end
