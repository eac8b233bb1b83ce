--! does: Takes waiting jobs out of where they are.
--! keys: b: expire

-- Lanes in which this call left dead entries.
M.buried = {}

-- Takes a waiting job out of its lane or zset; tells what it was: w ready, s scheduled, r retry,
-- b deferred.
function M.pull(id, record, state)
  local prio, flags, queue, kind = M.head(record)
  local parents = string.find(flags, ';g;', 1, true)
  if parents and redis.call('ZREM', R .. 'b:' .. queue .. '|' .. kind, id) == 1 then return 'b' end
  local name, member = M.delayedPlace(id, record, state)
  if name and redis.call('ZREM', R .. name, member) == 1 then
    M.redue(name)
    return string.sub(name, 1, 1) == 'd' and 's' or 'r'
  end
  local lane = queue .. '|' .. prio .. kind
  local key = M.hasLimits() and M.keyOf(record)
  if key then
    if M.unpark(id, lane, key) then return 'w' end
    M.freeKey(key)
  end
  M.bury(lane, id)
  M.buried[lane] = true
  return 'w'
end

-- The same for a job that does not wait any more: it need not be watched for its time either.
function M.takeOut(id, record, state)
  if string.find(record, '^%d+|%d%d|[^|]*;x') then redis.call('ZREM', R .. 'expire', id) end
  return M.pull(id, record, state)
end

-- Goes at the end of a call that took jobs out.
function M.sweepBuried()
  for lane in pairs(M.buried) do M.sweep(lane) end
end
