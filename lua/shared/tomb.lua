--! does: Tombstones: a waiting job that was taken away leaves its entry in the lane, since a search
--!   through the lane costs what the lane is long. `tombs` counts them by lane, and says by lane and
--!   id: `count:front:seq`. All places that were given until then lie between front and seq, none
--!   that is given later does: so an entry that the job got since, in the same lane, is alive.
--! keys: front idx: l: seq tombs
function M.bury(lane, id)
  local field = lane .. '\n' .. id
  local old = redis.call('HGET', R .. 'tombs', field)
  local count = (old and string.match(old, '^%d+') or 0) + 1
  local last = redis.call('MGET', R .. 'front', R .. 'seq')
  redis.call('HSET', R .. 'tombs', field, string.format('%d:%d:%d', count, last[1] or 0, last[2] or 0))
  redis.call('HINCRBY', R .. 'tombs', lane, 1)
  M.quiet = false
end

-- Whether the entry of a job at a place in a lane stands for nothing; also gives what `tombs` says.
function M.isDead(lane, id, place)
  local tomb = redis.call('HGET', R .. 'tombs', lane .. '\n' .. id)
  if not tomb then return false end
  local count, front, last = string.match(tomb, '^(%d+):(%-?%d+):(%d+)$')
  if not count then return false end
  place = tonumber(place)
  return place >= tonumber(front) and place <= tonumber(last), tonumber(count), front .. ':' .. last
end

-- The same of an entry that was taken from its lane; counts it off if so.
function M.wasDead(lane, id, place)
  local dead, count, span = M.isDead(lane, id, place)
  if not dead then return false end
  local field = lane .. '\n' .. id
  if count > 1 then redis.call('HSET', R .. 'tombs', field, string.format('%d:', count - 1) .. span)
  else redis.call('HDEL', R .. 'tombs', field) end
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
      local p = string.find(list[i], '[|!*]') or 0
      if not M.wasDead(lane, string.sub(list[i], p + 1), string.sub(list[i], 1, p - 1)) then
        kept[#kept + 1] = list[i]
      end
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
