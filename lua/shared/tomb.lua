--! does: Tombstones: a waiting job that was taken away leaves its entry in the lane, since a search
--!   through the lane costs what the lane is long. `tombs` counts them by lane, and by lane and id.
--! keys: tombs
local function bury(lane, id)
  call('HINCRBY', R .. 'tombs', lane, 1)
  call('HINCRBY', R .. 'tombs', lane .. '\n' .. id, 1)
end

-- Whether an entry that was taken from a lane stood for nothing; counts it off if so.
local function wasDead(lane, id)
  local field = lane .. '\n' .. id
  if not call('HGET', R .. 'tombs', field) then return false end
  if call('HINCRBY', R .. 'tombs', field, -1) == 0 then call('HDEL', R .. 'tombs', field) end
  if call('HINCRBY', R .. 'tombs', lane, -1) == 0 then call('HDEL', R .. 'tombs', lane) end
  return true
end
