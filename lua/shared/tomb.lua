--! does: Tombstones: a waiting job that was taken away leaves its entry in the lane, since a search
--!   through the lane costs what the lane is long. `tombs` counts them by lane, and by lane and id.
--! keys: idx: l: tombs
function M.bury(lane, id)
  redis.call('HINCRBY', R .. 'tombs', lane, 1)
  redis.call('HINCRBY', R .. 'tombs', lane .. '\n' .. id, 1)
end

-- Whether an entry that was taken from a lane stood for nothing; counts it off if so.
function M.wasDead(lane, id)
  local field = lane .. '\n' .. id
  if not redis.call('HGET', R .. 'tombs', field) then return false end
  if redis.call('HINCRBY', R .. 'tombs', field, -1) == 0 then redis.call('HDEL', R .. 'tombs', field) end
  if redis.call('HINCRBY', R .. 'tombs', lane, -1) == 0 then redis.call('HDEL', R .. 'tombs', lane) end
  return true
end

-- Takes dead entries off both ends of a lane of which they have become the most: one that nobody
-- claims from must not grow. Up to 1000 entries of each end are looked at.
function M.sweep(lane)
  local key = R .. 'l:' .. lane
  local length = redis.call('LLEN', key)
  if 2 * (redis.call('HGET', R .. 'tombs', lane) or 0) < length then return end
  local function alive(list)
    local kept = {}
    for i = 1, #list do
      local p = string.find(list[i], '[|!*]')
      if not M.wasDead(lane, string.sub(list[i], p + 1)) then kept[#kept + 1] = list[i] end
    end
    return kept
  end
  local head = redis.call('LRANGE', key, 0, 999)
  local kept = alive(head)
  if #kept < #head then
    redis.call('LTRIM', key, #head, -1)
    for i = #kept, 1, -1 do redis.call('LPUSH', key, kept[i]) end
  end
  if length > 1000 then
    local rest = length - #head
    local tail = redis.call('LRANGE', key, rest > 1000 and -1000 or -rest, -1)
    local living = alive(tail)
    if #living < #tail then
      redis.call('LTRIM', key, 0, -#tail - 1)
      if #living > 0 then redis.call('RPUSH', key, unpack(living)) end
    end
  end
  if redis.call('EXISTS', key) == 0 then
    local _, queue, member = M.parts(lane)
    redis.call('ZREM', R .. 'idx:' .. queue, member)
  end
end
