--! does: Final jobs: f:pair, a list of `number sep id`, newest first, of completed jobs with the
--!   default retention; zsets gS:pair by number of all others, S being the status; `purge`, ids of
--!   the latter by the time at which they go; `finals`, the f lists by the number of their oldest.
--! args: 3 completedMs, 4 failedMs, 5 maxCount.
--! keys: big: f: final finals gone: jobs log: purge res: state told waits
local keepCompleted, keepFailed, maxCount = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])

-- Removes every trace of jobs of which nothing is special.
local function removePlain(ids)
  call('HDEL', R .. 'jobs', unpack(ids))
  call('HDEL', R .. 'state', unpack(ids))
end

-- Removes every trace of a job.
local function remove(id)
  local record, state = call('HGET', R .. 'jobs', id), call('HGET', R .. 'state', id)
  local big = record and match(record, '^[^\n]-;b([^;|]+);')
  if big then call('UNLINK', R .. 'big:' .. big) end
  local fence = state and match(state, '^%w|%d+|%d+|%d+|(%d+)|%d*|b')
  if fence then call('UNLINK', R .. 'res:' .. id .. ':' .. fence) end
  call('UNLINK', R .. 'log:' .. id)
  call('HDEL', R .. 'told', id)
  removePlain({ id })
end

-- Removes the jobs of some entries of an f list.
local function removeEntries(entries)
  local plain = {}
  for i = 1, #entries do
    local p = find(entries[i], '[|!*]')
    local id = sub(entries[i], p + 1)
    if sub(entries[i], p, p) == '|' then plain[#plain + 1] = id else remove(id) end
  end
  if #plain > 0 then removePlain(plain) end
end

-- Takes at most `limit` of the oldest from an f list: those above the count, or too old.
local function trim(pair, length, limit)
  local key, n = R .. 'f:' .. pair, 0
  if length > maxCount then
    n = length - maxCount < limit and length - maxCount or limit
  elseif keepCompleted >= 0 then
    local oldest = call('LINDEX', key, -1)
    if oldest and floor(match(oldest, '^%d+') / 1000) + keepCompleted <= now then
      local tail = call('LRANGE', key, -limit, -1)
      for i = #tail, 1, -1 do
        if floor(match(tail[i], '^%d+') / 1000) + keepCompleted > now then break end
        n = n + 1
      end
    end
  end
  if n > 0 then removeEntries(call('RPOP', key, n)) end
  return n
end

-- Takes a job out of the zset of its status and removes it.
local function removeRetained(name, id)
  call('ZREM', R .. name, id)
  call('ZREM', R .. 'purge', id)
  remove(id)
end

-- Tells those who wait for the end of jobs.
local function announce(ids)
  if #ids == 0 or call('EXISTS', R .. 'waits') == 0 then return end
  local waited = call('ZMSCORE', R .. 'waits', unpack(ids))
  for i = 1, #ids do
    if waited[i] then
      call('PUBLISH', R .. 'final', ids[i])
      call('ZREM', R .. 'waits', ids[i])
    end
  end
end

-- Ends one job: writes its state, and keeps it as its retention says.
-- number: its place in the order in which jobs ended.
local function finish(id, status, state, lane, sep, number)
  local pair = parts(lane)
  local keep, own = status == 'c' and keepCompleted or keepFailed, false
  local record
  if sep ~= '|' then
    record = call('HGET', R .. 'jobs', id)
    local flags = record and match(record, '^%d+|%d%d|([^|]*)|') or ''
    local limit = match(flags, status == 'c' and ';c(%-?%d+);' or ';f(%-?%d+);')
    if limit then keep, own = tonumber(limit), true end
    if status == 'd' and find(flags, ';n;', 1, true) then keep = 0 end
  end
  if keep == 0 then
    if call('ZSCORE', R .. 'waits', id) then
      record = record or call('HGET', R .. 'jobs', id)
      call('HSET', R .. 'gone:' .. id, 'record', record, 'state', state)
      call('PEXPIRE', R .. 'gone:' .. id, 60000)
    end
    remove(id)
    return
  end
  call('HSET', R .. 'state', id, state)
  if status == 'c' and not own then
    local length = call('LPUSH', R .. 'f:' .. pair, fmt('%d', number) .. sep .. id)
    if length == 1 then
      call('ZADD', R .. 'finals', fmt('%d', number), pair)
      know(pair)
    end
    trim(pair, length, 16)
    return
  end
  local name = 'g' .. status .. ':' .. pair
  call('ZADD', R .. name, fmt('%d', number), id)
  know(pair)
  if keep > 0 then call('ZADD', R .. 'purge', fmt('%d', now + keep), id) end
  local above = call('ZCARD', R .. name) - maxCount
  if above > 0 then
    local oldest = call('ZRANGE', R .. name, 0, (above < 16 and above or 16) - 1)
    for i = 1, #oldest do removeRetained(name, oldest[i]) end
  end
end
