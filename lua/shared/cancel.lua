--! does: Cancels jobs because someone said so. reason: a text as JSON.
--! keys: claims ctl leases: state

-- Servers that were told by this call that they lost a job.
M.toldServers = {}

-- The state of a job that waited.
function M.canceled(state, reason)
  local retries, made, deliveries, attempts = M.past(state)
  local fence = state and string.match(state, '^%w|%d+|%d+|%d+|(%d+)') or '0'
  return 'x|' .. retries .. '|' .. made .. '|' .. deliveries .. '|' .. fence .. '|' .. nows .. '|' .. attempts
    .. '\n!' .. reason
end

-- Ends a job that runs, by its claim. Its fence does not become the one settled last: to its holder
-- the claim is lost.
function M.cancelHeld(id, claim, reason)
  local claimed, server, pool, lane = string.match(claim, '^%d+|%-?%d+[|!*](%d+)|[^|]*|([^|]*)|([^|]*)|(.*)$')
  local state = redis.call('HGET', R .. 'state', id)
  local retries, made, deliveries, attempts = M.past(state)
  local fence = state and string.match(state, '^%w|%d+|%d+|%d+|(%d+)') or '0'
  attempts = M.addAttempt(attempts, made + 1, 'x|' .. nows .. '|' .. string.format('%d', now - claimed) .. '|'
    .. server .. '|' .. pool .. '|{"message":' .. reason .. '}')
  redis.call('HDEL', R .. 'claims', id)
  redis.call('ZREM', R .. 'leases:' .. server, id)
  M.finish(id, 'x', 'x|' .. retries .. '|' .. made + 1 .. '|' .. deliveries .. '|' .. fence .. '||' .. attempts,
    lane, '*', M.numbers(1))
  if not M.toldServers[server] then
    M.toldServers[server] = true
    redis.call('PUBLISH', R .. 'ctl', 'cancel ' .. server)
  end
end
