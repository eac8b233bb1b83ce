--! does: Removes final jobs whose retention has ended: by their age, then by their number.
--! uses: base wake lane final remove
--! args: 6 most jobs to remove
--! reply: tag, jobs removed, ms until the next one is due ('' if none is known)
--! cost: O(pairs of queue and type + jobs removed * log n)
--! keys: d: f: finals g gc: gd: gx: idx: jobs l: lanes pairs prios: purge r: state w:
local limit, keepCompleted, maxCount = tonumber(ARGV[6]), M.keepCompleted, M.maxCount
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

-- The number of a queue and status, over its types.
local counts, lists = {}, {}
local known = redis.call('SMEMBERS', R .. 'pairs')
for i = 1, #known do
  local queue = string.sub(known[i], 1, string.find(known[i], '|', 1, true) - 1)
  for _, status in ipairs({ 'c', 'd', 'x' }) do
    local f = status == 'c' and redis.call('LLEN', R .. 'f:' .. known[i]) or 0
    local g = redis.call('ZCARD', R .. 'g' .. status .. ':' .. known[i])
    if f + g > 0 then
      local name = status .. queue
      counts[name] = (counts[name] or 0) + f + g
      lists[name] = lists[name] or {}
      table.insert(lists[name], known[i])
    end
  end
end
for name, count in pairs(counts) do
  local status = string.sub(name, 1, 1)
  while count > maxCount and moved < limit do
    local oldest, list, id
    for _, pair in ipairs(lists[name]) do
      local tail = status == 'c' and redis.call('LINDEX', R .. 'f:' .. pair, -1)
      local number = tail and tonumber(string.match(tail, '^%d+'))
      if number and (not oldest or number < oldest) then oldest, list, id = number, pair, nil end
      local first = redis.call('ZRANGE', R .. 'g' .. status .. ':' .. pair, 0, 0, 'WITHSCORES')
      number = tonumber(first[2])
      if number and (not oldest or number < oldest) then oldest, list, id = number, pair, first[1] end
    end
    if not oldest then break end
    if id then M.removeRetained('g' .. status .. ':' .. list, id)
    else M.removeEntries({ redis.call('RPOP', R .. 'f:' .. list) }) end
    count, moved = count - 1, moved + 1
  end
  if count > maxCount then soon(now) end
end

-- Pairs that nothing stands behind any more are forgotten, a few at a time.
local some = redis.call('SRANDMEMBER', R .. 'pairs', 10)
for i = 1, #some do
  local pair = some[i]
  local p = string.find(pair, '|', 1, true)
  local queue, kind = string.sub(pair, 1, p - 1), string.sub(pair, p + 1)
  local prios, left = redis.call('SMEMBERS', R .. 'prios:' .. queue), 0
  for j = 1, #prios do left = left + redis.call('EXISTS', R .. 'l:' .. queue .. '|' .. prios[j] .. kind) end
  if left + redis.call('EXISTS', R .. 'd:' .. pair, R .. 'r:' .. pair, R .. 'f:' .. pair, R .. 'gc:' .. pair,
    R .. 'gd:' .. pair, R .. 'gx:' .. pair) == 0 then
    redis.call('SREM', R .. 'pairs', pair)
    redis.call('UNLINK', R .. 'w:' .. pair)
    for j = 1, #prios do
      redis.call('SREM', R .. 'lanes', queue .. '|' .. prios[j] .. kind)
      redis.call('ZREM', R .. 'idx:' .. queue, prios[j] .. kind)
    end
    local others = false
    for j = 1, #known do
      if known[j] ~= pair and string.sub(known[j], 1, p) == queue .. '|' then others = true end
    end
    if not others then redis.call('UNLINK', R .. 'prios:' .. queue) end
  end
end
local wait = soonest and (soonest > now and soonest - now or 0)
return { ARGV[1], moved, wait and string.format('%d', wait) or '' }
