--! does: Drafts: groups that are too large for one call, whose jobs are written as deferred in several. A draft is
--!   '#name' among the parents of those that wait for no other job of the group. `drafts` says by when
--!   each must be released; draftIds:name are the jobs; draft:name holds `how|parent` of jobs to be canceled when
--!   it is released, and what was answered.
--! keys: b: expire draft: drafts draftIds: jobs state

-- Removes jobs of a draft that was not released, the last first, as far as the budget allows.
function M.rollBack(draft)
  redis.call('ZADD', R .. 'drafts', 'XX', 0, draft)
  local ids = redis.call('RPOP', R .. 'draftIds:' .. draft, M.budget) or {}
  M.budget = M.budget - #ids
  for i = 1, #ids do
    local id = ids[i]
    local record, state = redis.call('HGET', R .. 'jobs', id), redis.call('HGET', R .. 'state', id)
    if record then
      local _, _, queue, kind = M.head(record)
      redis.call('ZREM', R .. 'expire', id)
      if not queue then -- it cannot be read: the doctor moves it away
      elseif redis.call('ZREM', R .. 'b:' .. queue .. '|' .. kind, id) == 1 then
        if M.hears() then M.event('g', id, '-', queue .. '|' .. kind) end
        M.remove(id)
        M.endedKids(id, false, 'was removed')
      elseif state and string.match(state, '^[dx]') then
        M.removeRetained('g' .. string.sub(state, 1, 1) .. ':' .. queue .. '|' .. kind, id)
      end
    end
  end
  if redis.call('EXISTS', R .. 'draftIds:' .. draft) == 1 then return true end
  M.dropKids({ '#' .. draft })
  redis.call('UNLINK', R .. 'draft:' .. draft)
  redis.call('ZREM', R .. 'drafts', draft)
end
