--! does: Removes jobs for good.
--! keys: big: jobs log: purge res: state told

-- Removes every trace of jobs of which nothing is special.
function M.removePlain(ids)
  redis.call('HDEL', R .. 'jobs', unpack(ids))
  redis.call('HDEL', R .. 'state', unpack(ids))
end

-- Removes every trace of a job.
function M.remove(id)
  local record, state = redis.call('HGET', R .. 'jobs', id), redis.call('HGET', R .. 'state', id)
  local big = record and string.match(record, '^[^\n]-;b([^;|]+);')
  if big then redis.call('UNLINK', R .. 'big:' .. big) end
  local fence = state and string.match(state, '^%w|%d+|%d+|%d+|(%d+)|%d*|b')
  if fence then redis.call('UNLINK', R .. 'res:' .. id .. ':' .. fence) end
  redis.call('UNLINK', R .. 'log:' .. id)
  redis.call('HDEL', R .. 'told', id)
  M.removePlain({ id })
end

-- Removes the jobs of some entries of an f list.
function M.removeEntries(entries)
  local plain = {}
  for i = 1, #entries do
    local p = string.find(entries[i], '[|!*]')
    local id = string.sub(entries[i], p + 1)
    if string.sub(entries[i], p, p) == '|' then plain[#plain + 1] = id else M.remove(id) end
  end
  if #plain > 0 then M.removePlain(plain) end
end

-- Takes a job out of the zset of its status and removes it.
function M.removeRetained(name, id)
  redis.call('ZREM', R .. name, id)
  redis.call('ZREM', R .. 'purge', id)
  M.remove(id)
end
