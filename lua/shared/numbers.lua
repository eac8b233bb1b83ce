--! does: Numbers that only rise, also when Redis lost its last writes: max(last + 1, time in µs).
--!   They are the fences of claims and the order in which jobs ended.
--! keys: fence
local function numbers(n)
  local first = us
  local last = call('SET', R .. 'fence', fmt('%d', us + n - 1), 'GET')
  if last and tonumber(last) >= us then
    first = tonumber(last) + 1
    call('SET', R .. 'fence', fmt('%d', first + n - 1))
  end
  return first
end
