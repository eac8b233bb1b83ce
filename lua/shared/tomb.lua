--! does: Tombstones: a waiting job that was taken away leaves its entry in the lane, since a search
--!   through the lane costs what the lane is long. `tombs` counts them by lane, and by lane and id.
--! keys: tombs
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
