--! does: Ends jobs that are not final because someone said so: as x canceled, or t stopped. reason: a text as JSON.
--! keys: claims ctl leases: servers state

-- Servers that were told by this call that they lost a job.
M.toldServers = {}

-- The state of a job that waited.
function M.canceled(state, reason, status)
  local retries, made, deliveries, attempts = M.past(state)
  local fence = M.settledFence(state)
  return status .. '|' .. retries .. '|' .. made .. '|' .. deliveries .. '|' .. fence .. '|' .. nows .. '|' .. attempts
    .. '\n!' .. reason
end

-- Ends a job that runs, by its claim. Its fence does not become the one settled last: to its holder
-- the claim is lost. False if neither claim nor record can be read.
function M.cancelHeld(id, claim, reason, status)
  local _, claimed, server, pool, lane = M.readClaim(claim)
  local servers = { server }
  if not lane then
    claimed, server, pool, lane = now, '', '', M.laneOf(id)
    if not lane then return false end
    servers = redis.call('ZRANGE', R .. 'servers', 0, -1)
  end
  if M.hasLimits() then M.endClaim(id, lane, '*') end
  local state = redis.call('HGET', R .. 'state', id)
  local retries, made, deliveries, attempts = M.past(state)
  local fence = M.settledFence(state)
  attempts = M.addAttempt(attempts, made + 1, 'x|' .. nows .. '|' .. string.format('%d', now - claimed) .. '|'
    .. server .. '|' .. pool .. '|{"message":' .. reason .. '}')
  redis.call('HDEL', R .. 'claims', id)
  for i = 1, #servers do redis.call('ZREM', R .. 'leases:' .. servers[i], id) end
  M.finish(id, status, status .. '|' .. retries .. '|' .. made + 1 .. '|' .. deliveries .. '|' .. fence .. '||' .. attempts,
    lane, '*', M.numbers(1))
  if server ~= '' and not M.toldServers[server] then
    M.toldServers[server] = true
    redis.call('PUBLISH', R .. 'ctl', 'cancel ' .. server)
  end
  return true
end

-- The same for a job in any status that is not final.
function M.callOff(id, record, state, was, reason, status)
  if was == 'p' then return M.cancelHeld(id, redis.call('HGET', R .. 'claims', id), reason, status) end
  M.takeOut(id, record, state)
  M.finish(id, status, M.canceled(state, reason, status), M.laneOf(id), '!', M.numbers(1))
  return true
end
