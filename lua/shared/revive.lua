--! does: Brings final jobs back, and what their end had canceled.
--! keys: b: family g jobs k locks pend: purge res: seq state

-- Children that this call may look at.
M.budget = 500

-- What keeps a final job from running again: 'p' and a parent that failed or is gone; 'w' for parents
-- that are not final.
local function hindrance(id)
  local waits
  local pending = redis.call('ZRANGE', R .. 'pend:' .. id, 0, -1, 'WITHSCORES')
  for i = 1, #pending, 2 do
    local parent = pending[i]
    -- Another job may have the id of a parent that has gone.
    if not M.isKid(parent, id) or redis.call('HEXISTS', R .. 'jobs', parent) == 0 then return 'p', parent end
    local status = string.match(redis.call('HGET', R .. 'state', parent) or '', '^[cdxt]')
    if not status then
      waits = 'w'
    elseif status == 'c' or pending[i + 1] % 2 == 1 then
      redis.call('ZREM', R .. 'pend:' .. id, parent)
    else
      return 'p', parent
    end
  end
  return waits
end

-- Makes a final job wait again; gives its status, or nil, 'p' or 'd', and who is in the way. It does
-- not expire any more: its flags forget the time.
function M.bringBack(id, record, state)
  local flags = string.match(record, '^%d+|%d%d|([^|]*)')
  local key = string.match(flags, ';u([^;,]*),')
  local owner = key and M.liveOwner(key)
  if owner and owner ~= id then return nil, 'd', owner end
  local how, parent = hindrance(id)
  if how == 'p' then return nil, how, parent end
  if key then redis.call('HSET', R .. 'locks', key, id) end
  local fence, big = M.settledFence(state), string.match(state, '^%w|%d+|%d+|%d+|%d+|%d*|(b?)')
  if big == 'b' then redis.call('UNLINK', R .. 'res:' .. id .. ':' .. fence) end
  local created, prio, _, queue, kind, rest = string.match(record, '^(%d+)|(%d%d)|([^|]*)|([^|]*)|([^\n]*)(.*)$')
  local pair = queue .. '|' .. kind
  local status = string.sub(state, 1, 1)
  redis.call('ZREM', R .. 'g' .. status .. ':' .. pair, id)
  redis.call('ZREM', R .. 'purge', id)
  if string.find(flags, ';k', 1, true) then redis.call('ZREM', R .. 'k' .. status .. ':' .. pair, id) end
  if string.find(flags, ';x', 1, true) then
    flags = string.gsub(flags, ';x%d+;', '')
    redis.call('HSET', R .. 'jobs', id, created .. '|' .. prio .. '|' .. flags .. '|' .. queue .. '|' .. kind .. rest)
  end
  local _, made, _, attempts = M.past(state)
  local past = (made > 0 or fence ~= '0') and 'w|0|' .. made .. '|0|' .. fence .. '||' .. attempts
  if past then redis.call('HSET', R .. 'state', id, past) else redis.call('HDEL', R .. 'state', id) end
  if M.hears() then M.event('v', id, how and 'b' or 'w', pair) end
  if not how then
    M.put(queue .. '|' .. prio .. kind, M.sepOf(flags, past), id)
    return 'w'
  end
  redis.call('ZADD', R .. 'b:' .. pair, string.format('%d', redis.call('INCR', R .. 'seq')), id)
  return 'b'
end

-- Brings back the children, after a cursor and up to a number, that the end of a parent canceled and that no parent keeps
-- any more, and theirs; gives the cursor if there may be more.
function M.revive(id, cursor, last)
  local limit = M.budget
  local kids = M.kidsOf(id, cursor, last, limit)
  M.budget = limit - #kids / 2
  for i = 1, #kids, 2 do
    local state = redis.call('HGET', R .. 'state', kids[i])
    if state and string.find(state, '^x|[^\n]*\n<') then
      local record = redis.call('HGET', R .. 'jobs', kids[i])
      if record and M.isReadable(record, state) and M.bringBack(kids[i], record, state) then M.revived[#M.revived + 1] = kids[i] end
    end
  end
  return #kids == 2 * limit and kids[#kids] or nil
end

-- Jobs brought back whose children are to be looked at.
M.revived = {}

function M.reviveAll()
  local i = 1
  while M.revived[i] do
    local id, cursor = M.revived[i], '0'
    if redis.call('HEXISTS', R .. 'family', id) == 1 then
      if M.budget > 0 and not M.isRelayed(id) then cursor = M.revive(id, cursor, '+inf') end
      if cursor then M.leave(id, 'r', cursor) end
    end
    i = i + 1
  end
  M.revived = {}
end
