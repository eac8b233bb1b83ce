--! does: Cancels jobs that did not start by their time.
--! uses: base numbers wake lane due state final tomb status
--! args: 6 most jobs to move
--! reply: tag, jobs moved, ms until the next one expires ('' if there is none)
--! cost: O(jobs moved * log n)
--! keys: expire idx: jobs l: state
local limit = tonumber(ARGV[6])
local ids = call('ZRANGEBYSCORE', R .. 'expire', '-inf', nows, 'LIMIT', 0, limit)
local lanes, ended = {}, {}
local number = #ids > 0 and numbers(#ids)
for i = 1, #ids do
  local id = ids[i]
  call('ZREM', R .. 'expire', id)
  local record = call('HGET', R .. 'jobs', id)
  if record then
    local prio, queue, kind = match(record, '^%d+|(%d%d)|[^|]*|([^|]*)|([^\n]*)')
    local lane = queue .. '|' .. prio .. kind
    local name, member = delayedPlace(id, record, call('HGET', R .. 'state', id))
    if name and call('ZREM', R .. name, member) == 1 then
      redue(name)
    else
      bury(lane, id)
      lanes[lane] = true
    end
    local state = expired(call('HGET', R .. 'state', id))
    finish(id, 'x', state, lane, '!', number + i - 1)
    ended[#ended + 1] = id
  end
end
-- Entries at the head that stand for nothing go at once: a lane that nobody claims from must not grow.
for lane in pairs(lanes) do
  local key = R .. 'l:' .. lane
  for _ = 1, 2 * limit do
    local entry = call('LINDEX', key, 0)
    if not entry then
      local _, queue, member = parts(lane)
      call('ZREM', R .. 'idx:' .. queue, member)
      break
    end
    if not wasDead(lane, sub(entry, find(entry, '[|!*]') + 1)) then break end
    call('LPOP', key)
  end
end
announce(ended)
local head = call('ZRANGE', R .. 'expire', 0, 0, 'WITHSCORES')
local wait = head[2] and (tonumber(head[2]) > now and head[2] - now or 0)
return { ARGV[1], #ended, wait and fmt('%d', wait) or '' }
