--! does: Pauses lines, or resumes them and wakes who waits for them.
--! uses: base known wake due event
--! args: 3 queue, '' for all; 4 type, '' for all; 5 '1' to pause, '' to resume
--! reply: tag
--! cost: O(pairs of queue and type), when something is resumed
--! keys: claims l: paused prios:
local member, changed = ARGV[3] .. '|' .. ARGV[4], false
-- Without effect, but a write that is allowed when memory is full lets the others through.
redis.call('HDEL', R .. 'claims', '')
if ARGV[5] == '1' then
  changed = redis.call('SADD', R .. 'paused', member) == 1
elseif redis.call('SREM', R .. 'paused', member) == 1 then
  changed = true
  local names, prios = M.pairsOf(ARGV[3], ARGV[4]), {}
  for i = 1, #names do
    local p = string.find(names[i], '|', 1, true)
    local queue = string.sub(names[i], 1, p - 1)
    prios[queue] = prios[queue] or redis.call('SMEMBERS', R .. 'prios:' .. queue)
    for j = 1, #prios[queue] do
      if redis.call('EXISTS', R .. 'l:' .. queue .. '|' .. prios[queue][j] .. string.sub(names[i], p + 1)) == 1 then
        M.wake(names[i], 'r')
        break
      end
    end
  end
end
if changed and M.hears() then
  M.event(ARGV[5] == '1' and 'P' or 'R', '', '-', member)
  M.tellEvents()
end
return { ARGV[1] }
