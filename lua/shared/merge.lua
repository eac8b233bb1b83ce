--! does: Gives a waiting job what a new one of the same work brings.
--! keys: state

-- Makes the time of a job that is not deferred begin anew; gives its status.
local function debounce(id, record, status, state, time)
  local at = M.dueAt(time)
  if status == 'r' then
    local name, member = M.delayedPlace(id, record, state)
    M.pull(id, record, state)
    M.delay(name, string.sub(name, 3), { string.format('%d', at), member }, at)
  elseif at > now or status == 's' then
    M.pull(id, record, state)
    if state then -- it may say that a retry was due
      state = 'w' .. string.sub(state, 2)
      redis.call('HSET', R .. 'state', id, state)
    end
    return M.enterAt(id, record, state, time)
  end
  return status
end

-- time: when the new one would be due, or nil to leave that; tag: the request, which is found again in
-- the flags. Gives the status afterwards.
function M.merge(id, record, status, state, payload, time, tag)
  local created, prio, flags, rest = string.match(record, '^(%d+)|(%d%d)|([^|]*)(|.*)$')
  flags = string.gsub(flags, ';m[^;]*;', '')
  if time and status == 'b' then
    flags = string.gsub(flags, ';[wt][^;]*;', '')
    if time ~= '' then flags = flags .. ';t;;w' .. time .. ';' end
  elseif time and not string.find(flags, ';t;', 1, true) then
    flags = flags .. ';t;'
  end
  record = created .. '|' .. prio .. '|' .. flags .. ';m' .. tag .. ';' .. rest
  M.setPayload(id, record, payload)
  if not time or status == 'b' then return status end
  local after = debounce(id, record, status, state, time)
  if after ~= status and M.hears() then M.event(after, id, after, string.match(rest, '^|([^\n]*)')) end
  return after
end
