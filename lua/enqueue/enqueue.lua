--! does: Writes groups of jobs, each whole or not at all.
--! uses: base plain
--! lazy: names lane wake due delay status event
--! args: 3 '' if the request was never sent before, all jobs are of one lane, due now, with sep '|', and no id stands
--!   twice. Then: 4 sizes of the groups, '' if each is one job; 5 lane; then n ids, n records without the time.
--!   Else '+'. Then: 4 if this request may have been carried out before: at most so many ms ago; 5 jobs n; 6 sizes;
--!   7 '1' if an id stands twice; 8 lanes l; 9 lane of each job, one or two characters from '0' on in
--!   base 79, '' if there is one; 10 sep of each job, '' if all are '|'; 11 '1' if a column of due times follows;
--!   then l lanes, n ids, n records, n due times ('', '+ms' or ms)
--! reply: tag, statuses of all jobs ('' if all are ready, '-' for a refused one), then for each
--!   refused group: its number, the position and the status of the job whose id is in use
--! cost: O(jobs), and O(log n) for each delayed one
--! keys: big: expire front jobs l: seq
if place then
  M.open(ARGV[5], place)
  M.wakeOpened()
  return { ARGV[1], '' }
end

local again, sizes, twice, nl, codes, seps, timed, names = nil, ARGV[4], false, 1, '', '', false, 4
if ARGV[3] ~= '' then
  again, n, sizes, twice, nl = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6], ARGV[7] == '1', tonumber(ARGV[8])
  codes, seps, timed, names = ARGV[9], ARGV[10], ARGV[11] == '1', 11
end
local ids = names + nl
local records = ids + n
local times = records + n

-- Payloads that came by a plain SET, with an expiry that goes when the job is accepted.
local bigs -- keys, by position
if string.find(seps, '[!&]') then
  local keys = {}
  bigs = {}
  for i = 1, n do
    local big = string.match(ARGV[records + i], '^%d%d|[^|]*;b([^;|]+);')
    if big then
      bigs[i] = R .. 'big:' .. big
      keys[#keys + 1] = bigs[i]
    end
  end
  if #keys > 0 and redis.call('EXISTS', unpack(keys)) < #keys then
    return redis.error_reply('GQM payload is not there: one of ' .. #keys)
  end
end

-- Which groups are refused: those with an id that is in use, or was used by a group before.
old = old or redis.call('HMGET', R .. 'jobs', '\nlisten', unpack(ARGV, ids + 1, ids + n))
local total = n
if old[1] then M.heardBy() else M.hearing = false end
local refused, reply, used
local known -- jobs that this very request wrote before
local suspect = twice or again
if not suspect then
  for i = 1, n do
    if old[i + 1] then suspect = true break end
  end
end
if suspect then
  refused, reply, used, known = {}, {}, {}, {}
  local group, first = 0, 1
  local function look(size)
    group = group + 1
    -- A group of which one job was written was accepted whole; the others may be gone again by now.
    local accepted = false
    for i = first, first + size - 1 do
      local p = again and old[i + 1] and string.find(old[i + 1], '|', 1, true)
      if used[ARGV[ids + i]] then
        accepted = false
        break
      elseif p and string.sub(old[i + 1], p + 1) == ARGV[records + i] and tonumber(string.sub(old[i + 1], 1, p - 1)) >= now - again then
        accepted = true
      end
    end
    if accepted then
      for i = first, first + size - 1 do
        known[i] = true
        used[ARGV[ids + i]] = old[i + 1] and M.statusOf(ARGV[ids + i], old[i + 1]) or 'w'
      end
      first = first + size
      return
    end
    for i = first, first + size - 1 do
      local id = ARGV[ids + i]
      if old[i + 1] or used[id] then
        for k = first, first + size - 1 do refused[k] = true end
        reply[#reply + 1] = { group, i - first, used[id] or M.statusOf(id, old[i + 1]) }
        first = first + size
        return
      end
    end
    for i = first, first + size - 1 do
      local due = timed and ARGV[times + i] or ''
      local at = string.sub(due, 1, 1) == '+' and now + string.sub(due, 2) or tonumber(due)
      used[ARGV[ids + i]] = at and at > now and 's' or 'w'
    end
    first = first + size
  end
  if sizes == '' then
    for _ = 1, n do look(1) end
  else
    for size in string.gmatch(sizes, '%d+') do look(tonumber(size)) end
  end
end

local laneOf = nl > 1 and function(i)
  if nl <= 79 then return string.byte(codes, i) - 47 end
  local a, b = string.byte(codes, 2 * i - 1, 2 * i)
  return (a - 48) * 79 + b - 47
end

local fields, lists, fronts, delayed, expiring, status = {}, {}, nil, nil, nil, nil
local base = redis.call('INCRBY', R .. 'seq', n) - n
local opened = false
if seps == '' and not timed and not suspect then
  -- Due now, new, with nothing special about any, but of several lanes, or heard of.
  local front, format = nows .. '|', string.format
  for i = 1, n do
    local id, l = ARGV[ids + i], laneOf and laneOf(i) or 1
    fields[2 * i - 1], fields[2 * i] = id, front .. ARGV[records + i]
    local list = lists[l]
    if list then list[#list + 1] = format('%d|', base + i) .. id
    else lists[l] = { format('%d|', base + i) .. id, first = base + i } end
  end
  n = 0
else
  fronts, delayed, expiring, status, known = {}, {}, {}, {}, known or {}
end
for i = 1, n do
  if refused and refused[i] then
    status[i] = '-'
  else
    local id, sep, record = ARGV[ids + i], seps == '' and '|' or string.sub(seps, i, i), ARGV[records + i]
    local due = timed and ARGV[times + i] or ''
    local at
    if due ~= '' then
      at = string.sub(due, 1, 1) == '+' and now + string.sub(due, 2) or tonumber(due)
      if at <= now then at = nil end
    end
    if known[i] then
      status[i] = old[i + 1] and M.statusOf(id, old[i + 1]) or 'w'
    else
      fields[#fields + 1] = id
      fields[#fields + 1] = nows .. '|' .. record
      local l = laneOf and laneOf(i) or 1
      if at then
        status[i] = 's'
        local list = delayed[l]
        if not list then list = { first = at } delayed[l] = list end
        if at < list.first then list.first = at end
        list[#list + 1] = string.format('%d', at)
        list[#list + 1] = string.sub(ARGV[names + l], string.find(ARGV[names + l], '|', 1, true) + 1,
          string.find(ARGV[names + l], '|', 1, true) + 2) .. sep .. id
      elseif sep == '^' or sep == '&' then
        fronts[#fronts + 1] = { l, (sep == '^' and '|' or '!') .. id }
      else
        local list = lists[l]
        if not list then list = { first = base + i } lists[l] = list end
        list[#list + 1] = base + i .. sep .. id
      end
    end
    if sep == '!' or sep == '&' then
      local x = string.match(record, '^%d%d|[^|]*;x(%d+);')
      if bigs[i] then redis.call('PERSIST', bigs[i]) end
      if x and not known[i] then expiring[#expiring + 1] = x expiring[#expiring + 1] = id end
    end
  end
end
if #fields > 0 then redis.call('HSET', R .. 'jobs', unpack(fields)) end
if expiring and #expiring > 0 then redis.call('ZADD', R .. 'expire', unpack(expiring)) end
for l, list in pairs(lists) do
  local lane = ARGV[names + l]
  if redis.call('RPUSH', R .. 'l:' .. lane, unpack(list)) == #list then
    M.open(lane, list.first)
    opened = true
  end
end
for i = 1, fronts and #fronts or 0 do
  local lane, place = ARGV[names + fronts[i][1]], redis.call('DECR', R .. 'front')
  redis.call('LPUSH', R .. 'l:' .. lane, string.format('%d', place) .. fronts[i][2])
  M.open(lane, place)
  opened = true
end
if delayed then
  for l, list in pairs(delayed) do
    local pair = M.parts(ARGV[names + l])
    M.delay('d:' .. pair, pair, list, list.first)
  end
end
if M.hearing then
  for i = 1, total do
    local s = status and status[i] or 'w'
    if s ~= '-' and not (known and known[i]) then M.event('n', ARGV[ids + i], s, (M.parts(ARGV[names + (laneOf and laneOf(i) or 1)]))) end
  end
end
if opened or M.hearing then M.wakeOpened() end

if not status then return { ARGV[1], '' } end
for i = 1, n do status[i] = status[i] or 'w' end
local answer = { ARGV[1], table.concat(status, '', 1, n) }
for i = 1, reply and #reply or 0 do
  answer[#answer + 1] = string.format('%d', reply[i][1])
  answer[#answer + 1] = string.format('%d', reply[i][2])
  answer[#answer + 1] = reply[i][3]
end
return answer
