--! does: Cancels jobs that did not start by their time.
--! uses: base digits numbers wake names lane due promote state final kin family delay put enter kids remove finish tomb status take_out tape
--! lazy: fold event back park limits
--! args: 6 most jobs to move
--! reply: tag, jobs moved, ms until the next one expires ('' if there is none)
--! cost: O(jobs moved * log n)
--! keys: expire jobs state
local limit = tonumber(ARGV[6])
local ids = redis.call('ZRANGEBYSCORE', R .. 'expire', '-inf', nows, 'LIMIT', 0, limit)
local ended = {}
for i = 1, #ids do
  local id = ids[i]
  -- It may be gone from there: canceled by the end of a parent in this very call.
  local record = redis.call('ZREM', R .. 'expire', id) == 1 and redis.call('HGET', R .. 'jobs', id)
  local prio, _, queue, kind = M.head(record or '')
  if queue then
    local state = redis.call('HGET', R .. 'state', id)
    M.pull(id, record, state)
    M.finish(id, 'x', M.expired(state), queue .. '|' .. prio .. kind, '!', M.numbers(1))
    ended[#ended + 1] = id
  end
end
M.sweepBuried()
M.announce(ended)
M.wakeOpened()
local head = redis.call('ZRANGE', R .. 'expire', 0, 0, 'WITHSCORES')
local wait = head[2] and (tonumber(head[2]) > now and head[2] - now or 0)
return { ARGV[1], #ended, wait and string.format('%d', wait) or '' }
