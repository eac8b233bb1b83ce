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

-- One round of it: there are due jobs.
function M.promoteSome(limit)
  -- Without effect, but a write that is allowed when memory is full lets the others through: what
  -- waits must be able to run then, or nothing would ever free memory.
  redis.call('HDEL', R .. 'claims', '')
  local names = redis.call('ZRANGEBYSCORE', R .. 'due', '-inf', nows, 'LIMIT', 0, 64)
  -- A window of each; what lies behind the end of a full one waits for the next call.
  local jobs, window, bound = {}, limit, math.huge
  if #names > 1 then window = math.ceil(2 * limit / #names) + 4 end
  if #names == 64 then bound = tonumber(redis.call('ZSCORE', R .. 'due', names[64])) end
  for i = 1, #names do
    local found = redis.call('ZRANGEBYSCORE', R .. names[i], '-inf', nows, 'WITHSCORES', 'LIMIT', 0, window)
    for j = 1, #found, 2 do jobs[#jobs + 1] = { tonumber(found[j + 1]), found[j], i } end
    if #found == 2 * window and tonumber(found[2 * window]) < bound then bound = tonumber(found[2 * window]) end
  end
  if #names > 1 then
    table.sort(jobs, function(a, b)
      if a[1] ~= b[1] then return a[1] < b[1] end
      return string.sub(a[2], 3) < string.sub(b[2], 3)
    end)
  end
  local n = #jobs < limit and #jobs or limit
  while n > 0 and jobs[n][1] > bound do n = n - 1 end
  if n == 0 then -- a due time without a job: correct it, so that it is not met again
    for i = 1, #names do M.redue(names[i]) end
    return 0, M.nextDue()
  end
  local out, lists, heads, firsts = {}, {}, {}, {}
  local seq = redis.call('INCRBY', R .. 'seq', n) - n
  for k = 1, n do
    local member, name = jobs[k][2], names[jobs[k][3]]
    local prio, sep, id = string.match(member, '^(%d%d)([|!*^&@])(.+)$')
    local p = string.find(name, '|', 1, true)
    local lane = prio and string.sub(name, 3, p) .. prio .. string.sub(name, p + 1)
    local removed = out[name]
    if removed then removed[#removed + 1] = member else out[name] = { member } end
    if prio and M.hears() then M.event('w', id, 'w', string.sub(name, 3)) end
    if not prio then -- no entry: it goes, and nothing comes of it
    elseif sep == '^' or sep == '&' or sep == '@' then
      heads[#heads + 1] = { lane, (sep == '^' and '|' or sep == '&' and '!' or '*') .. id }
    else
      local list = lists[lane]
      if list then list[#list + 1] = string.format('%d', seq + k) .. sep .. id
      else lists[lane], firsts[lane] = { string.format('%d', seq + k) .. sep .. id }, seq + k end
    end
  end
  for name, members in pairs(out) do
    redis.call('ZREM', R .. name, unpack(members))
    M.redue(name)
  end
  for lane, list in pairs(lists) do
    if redis.call('RPUSH', R .. 'l:' .. lane, unpack(list)) == #list then M.open(lane, firsts[lane]) end
  end
  for i = 1, #heads do
    local place = redis.call('DECR', R .. 'front')
    redis.call('LPUSH', R .. 'l:' .. heads[i][1], string.format('%d', place) .. heads[i][2])
    M.open(heads[i][1], place)
  end
  return n, M.nextDue()
end
