--! does: Cancels jobs that did not start by their time.
--! uses: base numbers wake names lane due promote state final remove finish tomb status
--! args: 6 most jobs to move
--! reply: tag, jobs moved, ms until the next one expires ('' if there is none)
--! cost: O(jobs moved * log n)
--! keys: expire jobs state
local limit = tonumber(ARGV[6])
local ids = redis.call('ZRANGEBYSCORE', R .. 'expire', '-inf', nows, 'LIMIT', 0, limit)
local lanes, ended = {}, {}
local number = #ids > 0 and M.numbers(#ids)
for i = 1, #ids do
  local id = ids[i]
  redis.call('ZREM', R .. 'expire', id)
  local record = redis.call('HGET', R .. 'jobs', id)
  if record then
    local prio, queue, kind = string.match(record, '^%d+|(%d%d)|[^|]*|([^|]*)|([^\n]*)')
    local lane = queue .. '|' .. prio .. kind
    local name, member = M.delayedPlace(id, record, redis.call('HGET', R .. 'state', id))
    if name and redis.call('ZREM', R .. name, member) == 1 then
      M.redue(name)
    else
      M.bury(lane, id)
      lanes[lane] = true
    end
    local state = M.expired(redis.call('HGET', R .. 'state', id))
    M.finish(id, 'x', state, lane, '!', number + i - 1)
    ended[#ended + 1] = id
  end
end
for lane in pairs(lanes) do M.sweep(lane) end
M.announce(ended)
local head = redis.call('ZRANGE', R .. 'expire', 0, 0, 'WITHSCORES')
local wait = head[2] and (tonumber(head[2]) > now and head[2] - now or 0)
return { ARGV[1], #ended, wait and string.format('%d', wait) or '' }
