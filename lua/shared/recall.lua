--! does: What few claims need: the past of jobs that ran before, repeats, wakes passed on.
--! keys: active claims jobs leases: log: state told

-- State, told and log lines of the jobs that ran before.
function M.pasts()
  local list, ids = {}, M.ids
  for k, state in pairs(M.states) do
    local told = redis.call('HGET', R .. 'told', ids[k])
    list[#list + 1] = { k, state, told or '', told and redis.call('LRANGE', R .. 'log:' .. ids[k], 0, -1) or {} }
  end
  return list
end

-- What an earlier call of this very request claimed, if its reply was lost.
function M.recall(server, lease)
  local found, held = {}, redis.call('ZRANGE', R .. 'leases:' .. server, 0, -1)
  for i = 1, #held do
    local claim = redis.call('HGET', R .. 'claims', held[i])
    local fence, at, tag = string.match(claim or '', '^(%d+)|%-?%d+[|!*](%d+)|([^|]*)|')
    if tag == ARGV[1] then found[#found + 1] = { tonumber(fence), held[i], fence .. '|' .. at } end
  end
  if #found == 0 then return nil end
  table.sort(found, function(a, b) return a[1] < b[1] end)
  local claimed, ids, records = {}, M.ids, M.records
  for i = 1, #found do
    ids[i], claimed[i] = found[i][2], found[i][3]
    records[i] = redis.call('HGET', R .. 'jobs', ids[i]) or ''
    M.states[i] = redis.call('HGET', R .. 'state', ids[i]) or nil
    redis.call('ZADD', R .. 'leases:' .. server, string.format('%d', now + lease), ids[i])
  end
  return found[1][1], claimed
end

-- Who was woken and leaves work behind wakes others.
function M.passOn(list, named)
  local marked = 0
  for s = 1, #list do
    local queue, types = list[s][1], list[s][3]
    local queues = queue == '' and redis.call('ZRANGE', R .. 'active', 0, 63) or { queue }
    local open, filter = types, '\n' .. table.concat(types, '\n') .. '\n'
    for i = 1, #queues do
      if marked < 64 and (queue ~= '' or not named[queues[i]]) then
        if M.paused then open, filter = M.unpaused(queues[i], types) end
        local lanes = M.lanesOf(queues[i], open, filter)
        for l = 1, #lanes do
          M.opened[queues[i] .. '|' .. lanes[l]] = queues[i] .. '|' .. string.sub(lanes[l], 3)
        end
        marked = marked + #lanes
      end
    end
  end
end
