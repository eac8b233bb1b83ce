--! does: Keeps the number of final jobs of a queue and status within its limit, over its types, and
--!   forgets types that nothing stands behind any more.
--! keys: b: d: f: g kin: l: lanes idx: p: pairs prios: queues r: types: w:

-- Removes at most `limit` of the oldest final jobs of a status; tells how many, and whether
-- there are more to remove.
local function removeOldest(queue, status, names, surplus, limit)
  if surplus <= 0 then return 0, false end
  local wanted = surplus < limit and surplus or limit
  if wanted <= 0 then return 0, true end
  -- The oldest of each; what lies before the end of a full window waits for the next call.
  local window, jobs, bound = math.ceil(2 * wanted / #names) + 1, {}, math.huge
  local function add(list, name, isEntry)
    local last
    for i = 1, #list do
      last = tonumber(isEntry and (string.match(list[i], '^%d+') or last or 0) or list[i][2])
      jobs[#jobs + 1] = { last, name, isEntry and list[i] or list[i][1], isEntry }
    end
    if #list == window and last < bound then bound = last end
  end
  for i = 1, #names do
    local pair = queue .. '|' .. names[i]
    if status == 'c' then
      local tail = redis.call('LRANGE', R .. 'f:' .. pair, -window, -1)
      local list = {}
      for k = #tail, 1, -1 do list[#list + 1] = tail[k] end
      add(list, pair, true)
    end
    local name = 'g' .. status .. ':' .. pair
    local found = redis.call('ZRANGE', R .. name, 0, window - 1, 'WITHSCORES')
    local list = {}
    for k = 1, #found, 2 do list[#list + 1] = { found[k], found[k + 1] } end
    add(list, name, false)
  end
  table.sort(jobs, function(a, b) return a[1] < b[1] end)
  local n = 0
  for i = 1, #jobs do
    if n == wanted or jobs[i][1] > bound then break end
    if jobs[i][4] then M.removeEntries({ redis.call('RPOP', R .. 'f:' .. jobs[i][2]) }, jobs[i][2])
    else M.removeRetained(jobs[i][2], jobs[i][3]) end
    n = n + 1
  end
  return n, n < surplus
end

-- Forgets a type of a queue.
local function forget(queue, kind, prios)
  local pair = queue .. '|' .. kind
  redis.call('SREM', R .. 'pairs', pair)
  redis.call('SREM', R .. 'types:' .. queue, kind)
  redis.call('UNLINK', R .. 'w:' .. pair)
  for j = 1, #prios do
    redis.call('SREM', R .. 'lanes', queue .. '|' .. prios[j] .. kind)
    redis.call('ZREM', R .. 'idx:' .. queue, prios[j] .. kind)
  end
end

-- Looks after one queue; tells how many jobs were removed, and whether there are more to remove.
function M.removeSurplus(queue, limit)
  local kinds = redis.call('SMEMBERS', R .. 'types:' .. queue)
  local prios = redis.call('SMEMBERS', R .. 'prios:' .. queue)
  local counts, left = { c = 0, d = 0, x = 0, t = 0 }, 0
  for i = 1, #kinds do
    local pair, final = queue .. '|' .. kinds[i], 0
    for status in pairs(counts) do
      local n = redis.call('ZCARD', R .. 'g' .. status .. ':' .. pair)
      if status == 'c' then n = n + redis.call('LLEN', R .. 'f:' .. pair) end
      counts[status], final = counts[status] + n, final + n
    end
    local waiting = final
    if final == 0 then
      waiting = redis.call('EXISTS', R .. 'd:' .. pair, R .. 'r:' .. pair, R .. 'b:' .. pair, R .. 'kin:' .. pair)
      for j = 1, #prios do
        local lane = queue .. '|' .. prios[j] .. kinds[i]
        waiting = waiting + redis.call('EXISTS', R .. 'l:' .. lane, R .. 'p:' .. lane)
      end
    end
    if waiting == 0 then forget(queue, kinds[i], prios) else left = left + 1 end
  end
  if left == 0 then
    redis.call('UNLINK', R .. 'prios:' .. queue)
    redis.call('SREM', R .. 'queues', queue)
  end
  local removed, more = 0, false
  for status, count in pairs(counts) do
    local n, rest = removeOldest(queue, status, kinds, count - M.maxCount, limit - removed)
    removed, more = removed + n, more or rest
  end
  return removed, more
end
