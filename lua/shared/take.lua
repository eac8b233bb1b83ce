--! does: Takes ready jobs out of their lanes: higher priority first, then the place in line.
--! keys: active claims idx: l: prios:

-- The lanes of a queue that hold some of these types, in the order of the index, with their
-- scores; and a bound below which no other lane can have a job.
function M.lanesOf(queue, types, filter)
  local idx = R .. 'idx:' .. queue
  local found, scores, bound = {}, {}, math.huge
  local members = redis.call('ZRANGE', idx, 0, 64, 'WITHSCORES')
  local last = #members
  if last == 130 then
    bound = tonumber(members[130])
    last = 128
  end
  for i = 1, last, 2 do
    if string.find(filter, '\n' .. string.sub(members[i], 3) .. '\n', 1, true)
      and not (M.limited and M.isFull(queue, members[i])) then
      found[#found + 1], scores[#scores + 1] = members[i], tonumber(members[i + 1])
    end
  end
  if #found > 0 or bound == math.huge then return found, scores, bound end
  -- None among the first 65: ask for each type and priority.
  local prios, asked, pairsOf = redis.call('SMEMBERS', R .. 'prios:' .. queue), {}, {}
  for i = 1, #types do
    for j = 1, #prios do asked[#asked + 1] = prios[j] .. types[i] end
  end
  for from = 1, #asked, 1000 do
    local to = from + 999 < #asked and from + 999 or #asked
    local got = redis.call('ZMSCORE', idx, unpack(asked, from, to))
    for i = 1, to - from + 1 do
      if got[i] and not (M.limited and M.isFull(queue, asked[from + i - 1])) then pairsOf[#pairsOf + 1] = { tonumber(got[i]), asked[from + i - 1] } end
    end
  end
  table.sort(pairsOf, function(a, b) return a[1] < b[1] end)
  for i = 1, #pairsOf < 64 and #pairsOf or 64 do
    scores[i], found[i] = pairsOf[i][1], pairsOf[i][2]
  end
  return found, scores, pairsOf[65] and pairsOf[65][1] or math.huge
end

-- Takes up to `need` jobs of some types from a queue; tells how many. first: its lanes, if they were looked at,
-- as lanesOf gives them.
function M.take(queue, types, filter, need, first)
  local idx, prefix, left = R .. 'idx:' .. queue, R .. 'l:' .. queue .. '|', need
  for round = 1, M.limited and 64 or 16 do
    if left == 0 then return need end
    local lanes, scores, bound
    if first and round == 1 then lanes, scores, bound = first[1], first[2], first[3]
    else lanes, scores, bound = M.lanesOf(queue, types, filter) end
    if #lanes == 0 then return need - left end
    -- Only the lanes of the highest priority compete.
    local prio, count = string.sub(lanes[1], 1, 2), 1
    while lanes[count + 1] and string.sub(lanes[count + 1], 1, 2) == prio do count = count + 1 end
    local base, alone = prio * 1e14, #lanes == 1 and bound == math.huge
    if lanes[count + 1] then bound = math.huge elseif bound >= base + 5e13 then bound = math.huge end
    local entries, from, empty = {}, {}, {}
    if count == 1 and bound == math.huge then
      local lane = queue .. '|' .. lanes[1]
      local asked = M.limited and math.min(left, M.roomIn(lanes[1])) or left
      entries = redis.call('LPOP', prefix .. lanes[1], asked) or {}
      for i = 1, #entries do from[i] = lane end
      if #entries < asked then empty[1] = lanes[1] end
    else
      -- Take all whose place in line is not behind a job that was not looked at.
      local used = count
      if used > left and used > 8 then
        used = left > 8 and left or 8
        bound = scores[used + 1]
      end
      local window = math.floor(2 * left / used) + 1
      if window > left then window = left end
      local top, windows, sizes, line, byPlace = bound - base, {}, {}, {}, {}
      for l = 1, used do
        local size = M.limited and math.min(window, M.roomIn(lanes[l])) or window
        local list = redis.call('LRANGE', prefix .. lanes[l], 0, size - 1)
        sizes[l] = size
        windows[l] = list
        local place
        for i = 1, #list do
          place = tonumber(string.match(list[i], '^%-?%d+'))
          if not place then -- no entry: it goes, and the next call looks again
            redis.call('LREM', prefix .. lanes[l], 1, list[i])
            M.more = true
            return need - left
          end
          line[#line + 1], byPlace[place] = place, { l, list[i] }
        end
        if #list == size and place < top then top = place end
      end
      table.sort(line)
      if line[left] and line[left] < top then top = line[left] end
      local taken = {}
      for i = 1, #line do
        if line[i] > top then break end
        local l, entry = byPlace[line[i]][1], byPlace[line[i]][2]
        entries[i], from[i] = entry, queue .. '|' .. lanes[l]
        taken[l] = (taken[l] or 0) + 1
      end
      local updates = {}
      for l = 1, used do
        local list, n = windows[l], taken[l] or 0
        if n > 0 then redis.call('LTRIM', prefix .. lanes[l], n, -1) end
        if n == #list and n < sizes[l] then
          empty[#empty + 1] = lanes[l]
        else
          local head = list[n + 1] and string.match(list[n + 1], '^%-?%d+') or string.match(list[n], '^%-?%d+') + 1
          updates[#updates + 1] = string.format('%d', base + head)
          updates[#updates + 1] = lanes[l]
        end
      end
      -- The first write is one that is allowed when memory is full, so that the others are too.
      if #entries == 0 then redis.call('HDEL', R .. 'claims', '') end
      if #updates > 0 then redis.call('ZADD', idx, 'XX', unpack(updates)) end
    end
    if #empty > 0 then redis.call('ZREM', idx, unpack(empty)) end
    left = left - M.accept(entries, from)
    if alone and #empty > 0 and not M.limited then return need - left end
  end
  M.more = true
  return need - left
end

-- Serves the source of all queues: each in turn, beginning after the one served last. Of a great
-- many, 256 are looked at; `unseen` says how many are left for other calls. Those that are paused, or
-- have no lane of these types, take no share.
function M.takeInTurn(named, turn, types, filter, need)
  local all, queues = redis.call('ZRANGE', R .. 'active', 0, 256), {}
  if #all > 256 then
    all = redis.call('ZRANGEBYLEX', R .. 'active', '(' .. turn, '+', 'LIMIT', 0, 256)
    if #all < 256 then
      local first = redis.call('ZRANGEBYLEX', R .. 'active', '-', '[' .. turn, 'LIMIT', 0, 256 - #all)
      for i = 1, #first do all[#all + 1] = first[i] end
    end
    M.unseen = redis.call('ZCARD', R .. 'active') - #all
  end
  local after = 0 -- how many come after the one served last
  for i = 1, #all do
    if not (named[all[i]] or M.paused and #M.unpaused(all[i], types) == 0) then queues[#queues + 1] = all[i] end
    if all[i] <= turn then after = #queues end
  end
  if M.unseen == 0 then -- else they are in turn already
    local line = {}
    for k = 1, #queues do line[k] = queues[(after + k - 1) % #queues + 1] end
    queues = line
  end
  -- Who has a lane gets a share: they are looked at as far as their number can change the shares.
  local looks, serving, unknown = {}, 0, #queues
  for i = 1, #queues do
    if serving > 0 and math.ceil(need / serving) == math.ceil(need / (serving + unknown)) then break end
    local open, text = types, filter
    if M.paused then open, text = M.unpaused(queues[i], types) end
    looks[i] = { { M.lanesOf(queues[i], open, text) }, open, text }
    unknown = unknown - 1
    if #looks[i][1][1] > 0 then serving = serving + 1 end
  end
  local share, left, got = math.ceil(need / math.max(serving + unknown, 1)), need, {}
  for pass = 1, 2 do
    for i = 1, #queues do
      local want = pass == 1 and share or left
      if want > left then want = left end
      if want > 0 and (pass == 1 or got[i] == share) then
        local look = pass == 1 and looks[i] or nil
        local open, text = look and look[2] or types, look and look[3] or filter
        if M.paused and not look then open, text = M.unpaused(queues[i], types) end
        local n = M.take(queues[i], open, text, want, look and look[1])
        if n == 0 and redis.call('EXISTS', R .. 'idx:' .. queues[i]) == 0 then
          redis.call('ZREM', R .. 'active', queues[i])
        end
        got[i], left = n, left - n
        if pass == 1 and n > 0 then turn = queues[i] end
      end
    end
  end
  -- The next call must get beyond those that have nothing.
  if left == need and M.unseen > 0 then turn = all[#all] end
  return need - left, turn
end
