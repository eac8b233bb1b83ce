--! does: Removes final jobs whose retention has ended, by their age, then by their number; and
--!   repairs wakes that were lost with their waiter. What would take long is done for a few queues,
--!   chosen by chance.
--! uses: base wake names lane due final kin family remove surplus paused event memo
--! lazy: back limits park state
--! args: 6 most jobs to remove
--! reply: tag, jobs removed, ms until the next one is due ('' if none is known)
--! cost: O(jobs removed * log n + types of ten queues)
--! keys: active bucketEnds buckets f: finals g idx: jobs l: over purge queues state
local limit, keepCompleted = tonumber(ARGV[6]), M.keepCompleted
local moved, soonest = 0, nil
local function soon(at)
  if not soonest or at < soonest then soonest = at end
end

-- The zset in which a retained job stands.
local function zsetOf(id)
  local record, state = redis.call('HGET', R .. 'jobs', id), redis.call('HGET', R .. 'state', id)
  local queue, kind = string.match(record or '', '^%d+|%d%d|[^|]*|([^|]*)|([^\n]*)')
  return queue and state and 'g' .. string.sub(state, 1, 1) .. ':' .. queue .. '|' .. kind
end

local old = redis.call('ZRANGEBYSCORE', R .. 'purge', '-inf', nows, 'LIMIT', 0, limit)
for i = 1, #old do
  M.removeRetained(zsetOf(old[i]) or 'g', old[i])
  moved = moved + 1
end
local head = redis.call('ZRANGE', R .. 'purge', 0, 0, 'WITHSCORES')[2]
if head then soon(tonumber(head)) end

if keepCompleted >= 0 then
  for _ = 1, 1000 do
    local first = redis.call('ZRANGE', R .. 'finals', 0, 0, 'WITHSCORES')
    local pair = first[1]
    if not pair then break end
    local oldest = redis.call('LINDEX', R .. 'f:' .. pair, -1)
    local number = oldest and string.match(oldest, '^%d+')
    local due = number and math.floor(number / 1000) + keepCompleted
    if not number then
      redis.call('ZREM', R .. 'finals', pair)
    elseif tonumber(number) ~= tonumber(first[2]) then
      redis.call('ZADD', R .. 'finals', number, pair) -- it said less than is true
    elseif due > now or moved >= limit then
      soon(due)
      break
    else
      moved = moved + M.trim(pair, 0, limit - moved)
    end
  end
end

-- Those above a number of their own.
for _ = 1, 1000 do
  local name, most = unpack(redis.call('ZRANGE', R .. 'over', 0, 0, 'WITHSCORES'))
  if not name then break end
  local above = redis.call('ZCARD', R .. name) - most
  local n = above < limit - moved and above or limit - moved
  moved = moved + M.removeCounted(name, n)
  if n < above then
    soon(now)
    break
  end
  redis.call('ZREM', R .. 'over', name)
end

local queues = redis.call('SRANDMEMBER', R .. 'queues', 10)
for i = 1, #queues do
  local removed, more = M.removeSurplus(queues[i], limit - moved)
  moved = moved + removed
  if more then soon(now) end
end

-- A token may have gone with the process that took it: lanes with jobs get another, unless they are paused.
M.readPaused()
queues = redis.call('ZRANDMEMBER', R .. 'active', 16)
for i = 1, #queues do
  local members = redis.call('ZRANDMEMBER', R .. 'idx:' .. queues[i], 16)
  for j = 1, #members do
    local kind = string.sub(members[j], 3)
    local open = not M.paused or #M.unpaused(queues[i], { kind }) > 0
    if open and M.hasLimits() and M.isFull(queues[i], members[j]) then open = false end
    if open and redis.call('EXISTS', R .. 'l:' .. queues[i] .. '|' .. members[j]) == 1 then
      M.wake(queues[i] .. '|' .. kind, 'r')
    end
  end
end
-- Buckets that are full again say nothing.
local full = redis.call('ZRANGEBYSCORE', R .. 'bucketEnds', '-inf', nows, 'LIMIT', 0, 500)
if #full > 0 then
  redis.call('HDEL', R .. 'buckets', unpack(full))
  redis.call('ZREM', R .. 'bucketEnds', unpack(full))
end
M.dropOldMemos(limit)
local wait = soonest and (soonest > now and soonest - now or 0)
return { ARGV[1], moved, wait and string.format('%d', wait) or '' }
