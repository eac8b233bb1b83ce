--! does: Checks that who waits for a parent will be told of its end.
--! keys: b: draft: drafts jobs pend: relay seq state

-- A job that does not wait for its parents, though some have not let it go.
function M.checkEarly(job)
  if redis.call('EXISTS', R .. 'pend:' .. job.id) == 0 then return end
  local parent = redis.call('ZRANGE', R .. 'pend:' .. job.id, 0, 0)[1]
  M.found('early_child', job.id, 'It is ' .. M.statuses[job.status] .. ", but parent '" .. parent .. "' has not let it go")
end

-- Tells a deferred job of its parent's end.
local function tell(parent, id, ok, how)
  local doom = string.byte(parent) == 35 and redis.call('HGET', R .. 'draft:' .. string.sub(parent, 2), id)
  M.tellKid(parent, id, ok, how, doom)
  M.tellAll()
end

-- Why nothing would tell a deferred job of a parent's end, and what would be right; nil if it will be told.
local function lossOf(id, parent)
  if redis.call('HEXISTS', R .. 'relay', parent) == 1 then return nil end
  if string.byte(parent) == 35 then
    if redis.call('ZSCORE', R .. 'drafts', string.sub(parent, 2)) then return nil end
    return 'is gone', function() tell(parent, id, true, '') end
  end
  if redis.call('HEXISTS', R .. 'jobs', parent) == 0 then
    return 'is gone', function() tell(parent, id, false, 'was removed') end
  end
  local status = string.match(redis.call('HGET', R .. 'state', parent) or '', '^[cdxt]')
  if status then
    local how = M.statuses[status]
    return 'is ' .. how, function() tell(parent, id, status == 'c', 'ended as ' .. how) end
  end
  if M.isKid(parent, id) then return nil end
  return 'does not know of it', function()
    M.addKids({ [parent] = { string.format('%d', redis.call('INCR', R .. 'seq')), id } })
  end
end

-- A deferred job.
function M.checkEdges(job)
  local id, b = job.id, R .. 'b:' .. job.pair
  local parents = redis.call('ZRANGE', R .. 'pend:' .. id, 0, -1)
  if #parents == 0 then
    M.found('stuck_child', id, 'It is deferred, but waits for no parent', function()
      redis.call('ZREM', b, id)
      M.enter(id, job.record)
    end)
  end
  for i = 1, #parents do
    local what, mend = lossOf(id, parents[i])
    if what then M.found('stuck_child', id, "Its parent '" .. parents[i] .. "' " .. what .. ', and nothing would tell it', mend) end
    if M.mends and not redis.call('ZSCORE', b, id) then break end
  end
end
