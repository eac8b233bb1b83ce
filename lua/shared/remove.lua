--! does: Removes jobs for good.
--! keys: big: gone: goneLog: jobs k locks log: pend: purge res: state told waits

-- Removes every trace of jobs of which nothing is special.
function M.removePlain(ids)
  redis.call('HDEL', R .. 'jobs', unpack(ids))
  redis.call('HDEL', R .. 'state', unpack(ids))
end

-- Lets go of what a job holds: its unique key, the parents that it waits for.
function M.unbind(id, record)
  local flags = record and string.match(record, '^%d+|%d%d|([^|]*)|') or ''
  if string.find(flags, ';g;', 1, true) then redis.call('UNLINK', R .. 'pend:' .. id) end
  local key = string.match(flags, ';u([^;,]*),')
  if key and redis.call('HGET', R .. 'locks', key) == id then redis.call('HDEL', R .. 'locks', key) end
end

-- Counts a final job no more among those with a number of their own. status: its letter.
local function uncount(id, record, status)
  local pair = record and string.match(record, '^%d+|%d%d|[^|]*;k%d+;[^|]*|([^\n]*)')
  if pair then redis.call('ZREM', R .. 'k' .. status .. ':' .. pair, id) end
end

-- Removes every trace of jobs. final: the state in which the only one of them ended, if that was never written. Their
-- children stay known until they were told: endedKids comes before or after this.
function M.removeAll(ids, final)
  local records = redis.call('HMGET', R .. 'jobs', unpack(ids))
  local states = final and { final } or redis.call('HMGET', R .. 'state', unpack(ids))
  local keys, parents, locks, owners = {}, {}, {}, {}
  for i = 1, #ids do
    local id, record, state = ids[i], records[i], states[i]
    local flags = record and string.match(record, '^%d+|%d%d|([^|]*)|') or ''
    local ended = not final and state and string.match(state, '^[cdxt]')
    if ended then uncount(id, record, ended) end
    if not final and (M.told[id] or ended) then parents[#parents + 1] = id end
    keys[#keys + 1] = R .. 'log:' .. id
    if string.find(flags, ';g;', 1, true) then keys[#keys + 1] = R .. 'pend:' .. id end
    local big, key = string.match(flags, ';b([^;]+);'), string.match(flags, ';u([^;,]*),')
    if big then keys[#keys + 1] = R .. 'big:' .. big end
    if key then locks[#locks + 1], owners[#owners + 1] = key, id end
    local fence = state and string.match(state, '^%w|%d+|%d+|%d+|(%d+)|%d*|b')
    if fence then keys[#keys + 1] = R .. 'res:' .. id .. ':' .. fence end
  end
  if #locks > 0 then
    local held, own = redis.call('HMGET', R .. 'locks', unpack(locks)), {}
    for i = 1, #locks do
      if held[i] == owners[i] then own[#own + 1] = locks[i] end
    end
    if #own > 0 then redis.call('HDEL', R .. 'locks', unpack(own)) end
  end
  M.leaveKin(ids, records)
  M.dropKids(parents)
  redis.call('UNLINK', unpack(keys))
  redis.call('HDEL', R .. 'told', unpack(ids))
  M.removePlain(ids)
end

function M.remove(id, final) M.removeAll({ id }, final) end

-- Removes the jobs of some entries of the f list of a pair.
function M.removeEntries(entries, pair)
  local plain, others = {}, {}
  for i = 1, #entries do
    local p = string.find(entries[i], '[|!*]') or #entries[i]
    local list = string.sub(entries[i], p, p) == '|' and plain or others
    list[#list + 1] = string.sub(entries[i], p + 1)
  end
  if #others > 0 then M.removeAll(others) end
  if #plain > 0 then
    M.removePlain(plain)
    M.dropKids(plain, pair)
  end
end

-- Takes a job out of the zset of its status and removes it.
function M.removeRetained(name, id)
  redis.call('ZREM', R .. name, id)
  redis.call('ZREM', R .. 'purge', id)
  M.remove(id)
end

-- Removes the oldest `n` of those with a number of their own. name: of their zset.
function M.removeCounted(name, n)
  if n <= 0 then return 0 end
  local oldest = redis.call('ZPOPMIN', R .. name, n)
  for i = 1, #oldest, 2 do M.removeRetained('g' .. string.sub(name, 2), oldest[i]) end
  return #oldest / 2
end

-- Removes a job that ended this moment, but leaves it for a minute to those who wait for its end.
function M.removeEnded(id, state)
  if not redis.call('ZSCORE', R .. 'waits', id) then return M.remove(id, state) end
  local record, told = redis.call('HGET', R .. 'jobs', id), redis.call('HGET', R .. 'told', id) or ''
  redis.call('HSET', R .. 'gone:' .. id, 'record', record or '', 'state', state, 'told', told)
  redis.call('PEXPIRE', R .. 'gone:' .. id, 60000)
  M.unbind(id, record)
  local big = record and string.match(record, '^%d+|%d%d|[^|]*;b([^;|]+);')
  if big then redis.call('PEXPIRE', R .. 'big:' .. big, 60000) end
  local fence = string.match(state, '^%w|%d+|%d+|%d+|(%d+)|%d*|b')
  if fence then redis.call('PEXPIRE', R .. 'res:' .. id .. ':' .. fence, 60000) end
  if redis.call('EXISTS', R .. 'log:' .. id) == 1 then
    redis.call('RENAME', R .. 'log:' .. id, R .. 'goneLog:' .. id)
    redis.call('PEXPIRE', R .. 'goneLog:' .. id, 60000)
  end
  redis.call('HDEL', R .. 'told', id)
  M.leaveKin({ id }, { record })
  M.removePlain({ id })
end
