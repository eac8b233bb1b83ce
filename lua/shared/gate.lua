--! does: Groups that are too large for one call: their jobs are written as deferred in several, behind a
--!   gate, '#name' among the parents of those that wait for no other job of the group. `gates` says by when
--!   each must be opened; gids:name are the jobs; gate:name holds `how|parent` of jobs to be canceled when
--!   it opens, and what was answered.
--! keys: b: expire gate: gates gids: jobs state

-- Removes jobs of a gate that was not opened, the last first, as far as the budget allows.
function M.rollBack(gate)
  redis.call('ZADD', R .. 'gates', 'XX', 0, gate)
  local ids = redis.call('RPOP', R .. 'gids:' .. gate, M.budget) or {}
  M.budget = M.budget - #ids
  for i = 1, #ids do
    local id = ids[i]
    local record, state = redis.call('HGET', R .. 'jobs', id), redis.call('HGET', R .. 'state', id)
    if record then
      local _, _, queue, kind = M.head(record)
      redis.call('ZREM', R .. 'expire', id)
      if redis.call('ZREM', R .. 'b:' .. queue .. '|' .. kind, id) == 1 then
        M.remove(id)
        M.endedKids(id, false, 'was removed')
      elseif state and string.match(state, '^[dx]') then
        M.removeRetained('g' .. string.sub(state, 1, 1) .. ':' .. queue .. '|' .. kind, id)
      end
    end
  end
  if redis.call('EXISTS', R .. 'gids:' .. gate) == 1 then return true end
  M.dropKids('#' .. gate)
  redis.call('UNLINK', R .. 'gate:' .. gate)
  redis.call('ZREM', R .. 'gates', gate)
end
