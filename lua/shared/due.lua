--! does: Delayed jobs: zsets d:pair (scheduled) and r:pair (retry) of `PP sep id` by due time, and
--!   `due`, the earliest due time of each of them. sep as in a lane; '^' and '&' for '|' and '!'
--!   of a job that goes to the front.
--! keys: due front l: seq

local function nextDue()
  return tonumber(call('ZRANGE', R .. 'due', 0, 0, 'WITHSCORES')[2])
end

-- Adds `score, member, ...` to a zset; wakes a waiter if the next due time is earlier now.
local function delay(name, pair, args, first)
  local before = nextDue()
  call('ZADD', R .. name, unpack(args))
  call('ZADD', R .. 'due', 'LT', fmt('%d', first), name)
  know(pair)
  if not before or first < before then wake(pair, 'd') end
end

-- Corrects `due` after something was taken out of a zset.
local function redue(name)
  local head = call('ZRANGE', R .. name, 0, 0, 'WITHSCORES')
  if head[2] then call('ZADD', R .. 'due', head[2], name) else call('ZREM', R .. 'due', name) end
end

-- Makes at most `limit` due jobs ready, earliest first. Returns how many, and the next due time.
local function promote(limit)
  local due = nextDue()
  if not due or due > now then return 0, due end
  local names = call('ZRANGEBYSCORE', R .. 'due', '-inf', nows, 'LIMIT', 0, 64)
  local jobs, sorted = {}, #names == 1
  for i = 1, #names do
    local found = call('ZRANGEBYSCORE', R .. names[i], '-inf', nows, 'WITHSCORES', 'LIMIT', 0, limit)
    for j = 1, #found, 2 do jobs[#jobs + 1] = { tonumber(found[j + 1]), found[j], i } end
  end
  if not sorted then
    table.sort(jobs, function(a, b)
      if a[1] ~= b[1] then return a[1] < b[1] end
      return sub(a[2], 3) < sub(b[2], 3)
    end)
  end
  local n, front = #jobs < limit and #jobs or limit, 0
  if n == 0 then -- a due time without a job: correct it, so that it is not met again
    for i = 1, #names do redue(names[i]) end
    return 0, nextDue()
  end
  local out, lists, heads, firsts = {}, {}, {}, {}
  local seq = call('INCRBY', R .. 'seq', n) - n
  for k = 1, n do
    local member, name = jobs[k][2], names[jobs[k][3]]
    local sep, id = sub(member, 3, 3), sub(member, 4)
    local p = find(name, '|', 1, true)
    local lane = sub(name, 3, p) .. sub(member, 1, 2) .. sub(name, p + 1)
    local removed = out[name]
    if removed then removed[#removed + 1] = member else out[name] = { member } end
    if sep == '^' or sep == '&' then
      heads[#heads + 1] = { lane, (sep == '^' and '|' or '!') .. id }
    else
      local list = lists[lane]
      if list then list[#list + 1] = fmt('%d', seq + k) .. sep .. id
      else lists[lane], firsts[lane] = { fmt('%d', seq + k) .. sep .. id }, seq + k end
    end
  end
  for name, members in pairs(out) do
    call('ZREM', R .. name, unpack(members))
    redue(name)
  end
  for lane, list in pairs(lists) do
    if call('RPUSH', R .. 'l:' .. lane, unpack(list)) == #list then open(lane, firsts[lane]) end
  end
  for i = 1, #heads do
    local place = call('DECR', R .. 'front')
    call('LPUSH', R .. 'l:' .. heads[i][1], fmt('%d', place) .. heads[i][2])
    open(heads[i][1], place)
  end
  return n, nextDue()
end
