--! does: Makes due jobs ready.
--! keys: claims due front l: seq

-- Corrects `due` after something was taken out of a zset.
function M.redue(name)
  local head = redis.call('ZRANGE', R .. name, 0, 0, 'WITHSCORES')
  if head[2] then redis.call('ZADD', R .. 'due', head[2], name) else redis.call('ZREM', R .. 'due', name) end
end

-- Makes at most `limit` due jobs ready, earliest first. Returns how many, and the next due time.
function M.promote(limit)
  local moved, due = 0, M.nextDue()
  for _ = 1, 8 do
    if moved == limit or not due or due > now then break end
    local n
    n, due = M.promoteSome(limit - moved)
    moved = moved + n
  end
  return moved, due
end

-- The earliest of the due jobs in some zsets, at most `limit`: their members in order, and for each the number of its
-- zset and its place there.
local function earliest(names, limit)
  if #names == 1 then
    return redis.call('ZRANGEBYSCORE', R .. names[1], '-inf', nows, 'LIMIT', 0, limit)
  end
  -- A window of each; what lies behind the end of a full one waits for the next call.
  local window, bound = math.ceil(2 * limit / #names) + 4, math.huge
  if #names == 64 then bound = tonumber(redis.call('ZSCORE', R .. 'due', names[64])) end
  local found, from, place, times, byTime = {}, {}, {}, {}, {}
  for i = 1, #names do
    local list = redis.call('ZRANGEBYSCORE', R .. names[i], '-inf', nows, 'WITHSCORES', 'LIMIT', 0, window)
    for j = 1, #list, 2 do
      local k, time = #found + 1, tonumber(list[j + 1])
      found[k], from[k], place[k] = list[j], i, (j + 1) / 2
      local same = byTime[time]
      if same then same[#same + 1] = k else byTime[time], times[#times + 1] = { k }, time end
    end
    if #list == 2 * window and tonumber(list[2 * window]) < bound then bound = tonumber(list[2 * window]) end
  end
  table.sort(times)
  local members, of, at = {}, {}, {}
  for t = 1, #times do
    if #members == limit or times[t] > bound then break end
    local same, byKey = byTime[times[t]], nil
    if #same > 1 then -- by their ids
      byKey = {}
      for s = 1, #same do
        local k = same[s]
        same[s] = string.sub(found[k], 3) .. '\n' .. k
        byKey[same[s]] = k
      end
      table.sort(same)
    end
    for s = 1, #same do
      if #members == limit then break end
      local k = byKey and byKey[same[s]] or same[s]
      members[#members + 1] = found[k]
      of[#members], at[#members] = from[k], place[k]
    end
  end
  return members, of, at
end

-- Takes jobs out of their zsets, mostly from the front of one.
local function takeDue(names, members, of, at)
  local lists, last = { members }, { #members }
  for k = 1, of and #members or 0 do
    if k == 1 then lists, last = {}, {} end
    local i = of[k]
    local list = lists[i]
    if list then list[#list + 1] = members[k] else lists[i] = { members[k] } end
    if at[k] > (last[i] or 0) then last[i] = at[k] end
  end
  for i, list in pairs(lists) do
    if last[i] == #list then redis.call('ZREMRANGEBYRANK', R .. names[i], 0, #list - 1)
    else redis.call('ZREM', R .. names[i], unpack(list)) end
    M.redue(names[i])
  end
end

-- One round of it: there are due jobs.
function M.promoteSome(limit)
  -- Without effect, but a write that is allowed when memory is full lets the others through: what
  -- waits must be able to run then, or nothing would ever free memory.
  redis.call('HDEL', R .. 'claims', '')
  local names = redis.call('ZRANGEBYSCORE', R .. 'due', '-inf', nows, 'LIMIT', 0, 64)
  local members, of, at = earliest(names, limit)
  local n = #members
  if n == 0 then -- a due time without a job: correct it, so that it is not met again
    for i = 1, #names do M.redue(names[i]) end
    return 0, M.nextDue()
  end
  local lanes, lists, firsts, heads = {}, {}, {}, {}
  local seq = redis.call('INCRBY', R .. 'seq', n) - n
  local find, sub, byte = string.find, string.sub, string.byte
  local digit, tens = split(seq + 1)
  for k = 1, n do
    local member, i = members[k], of and of[k] or 1
    local prio, sep = sub(member, 1, 2), byte(member, 3)
    local ofName = lanes[i]
    if not ofName then ofName = {} lanes[i] = ofName end
    local lane = ofName[prio]
    if lane == nil then
      local name = names[i]
      local p = find(name, '|', 1, true)
      lane = find(prio, '^%d%d$') and sub(name, 3, p) .. prio .. sub(name, p + 1) or false
      ofName[prio] = lane
    end
    if not lane or #member < 4 then -- no entry: it goes, and nothing comes of it
    elseif sep == 124 or sep == 33 or sep == 42 then
      local list = lists[lane]
      if list then list[#list + 1] = tens .. digits[digit] .. sub(member, 3)
      else lists[lane], firsts[lane] = { tens .. digits[digit] .. sub(member, 3) }, seq + k end
    elseif sep == 94 or sep == 38 or sep == 64 then
      heads[#heads + 1] = { lane, (sep == 94 and '|' or sep == 38 and '!' or '*') .. sub(member, 4) }
    end
    digit = digit + 1
    if digit == 10 then digit, tens = split(seq + k + 1) end
  end
  takeDue(names, members, of, at)
  for lane, list in pairs(lists) do
    if redis.call('RPUSH', R .. 'l:' .. lane, unpack(list)) == #list then M.open(lane, firsts[lane]) end
  end
  for i = 1, #heads do
    local place = redis.call('DECR', R .. 'front')
    redis.call('LPUSH', R .. 'l:' .. heads[i][1], string.format('%d', place) .. heads[i][2])
    M.open(heads[i][1], place)
  end
  if M.hears() then
    for k = 1, n do
      local id = string.match(members[k], '^%d%d[|!*^&@](.+)$')
      if id then M.event('w', id, 'w', sub(names[of and of[k] or 1], 3)) end
    end
  end
  return n, M.nextDue()
end
