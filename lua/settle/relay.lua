--! does: Goes on with what the end of jobs means for their children, and removes groups that were never
--!   written whole.
--! uses: base numbers names lane due wake final state status kin family finish remove delay put enter kids unique revive draft tape
--! lazy: fold event
--! args: 6 most children to look at; 7 id whose children go first, or ''
--! reply: tag, children looked at, ms until there is more to do ('' if none is known), '1' if the children of that
--!   id do not all know
--! cost: O(children * log n)
--! keys: drafts relay seq
local limit, first = tonumber(ARGV[6]), ARGV[7]
M.budget = limit
-- Without effect, but a write that is allowed when memory is full lets the others through.
redis.call('HDEL', R .. 'relay', '')

-- Takes one step for one job: the first line of what is to be told.
local function goOn(id)
  local what, cursor, last = string.match(redis.call('HGET', R .. 'relay', id), '^([ofr][^|\n]*)|(%d+)|(%d+)')
  if not what then -- it cannot be read: what the status says counts
    what, cursor, last = M.tellingOf(id), '0', redis.call('GET', R .. 'seq') or '0'
    if not what then return redis.call('HDEL', R .. 'relay', id) end
    redis.call('HSET', R .. 'relay', id, what .. '|0|' .. last)
  end
  M.telling = true
  local reached
  if what == 'r' then reached = M.revive(id, cursor, last) else reached = M.tell(id, what, cursor, last) end
  local lines = redis.call('HGET', R .. 'relay', id)
  local rest = string.match(lines, '\n(.*)$')
  if reached then
    redis.call('HSET', R .. 'relay', id, what .. '|' .. reached .. '|' .. last .. (rest and '\n' .. rest or ''))
  elseif rest then
    redis.call('HSET', R .. 'relay', id, rest)
  else
    redis.call('HDEL', R .. 'relay', id)
    M.toldAll(id)
  end
  M.reviveAll()
  M.tellAll()
end

for _ = 1, limit do
  if M.budget <= 0 then break end
  local id = first ~= '' and redis.call('HEXISTS', R .. 'relay', first) == 1 and first or redis.call('HRANDFIELD', R .. 'relay')
  if not id then break end
  goOn(id)
end
while M.budget > 0 do
  local draft = redis.call('ZRANGEBYSCORE', R .. 'drafts', '-inf', nows, 'LIMIT', 0, 1)[1]
  if not draft then break end
  M.rollBack(draft)
end
M.wakeOpened()
local wait = ''
if redis.call('EXISTS', R .. 'relay') == 1 then
  wait = '0'
else
  local next = redis.call('ZRANGE', R .. 'drafts', 0, 0, 'WITHSCORES')[2]
  if next then wait = string.format('%d', tonumber(next) > now and next - now or 0) end
end
return { ARGV[1], limit - M.budget, wait, first ~= '' and redis.call('HEXISTS', R .. 'relay', first) == 1 and '1' or '' }
