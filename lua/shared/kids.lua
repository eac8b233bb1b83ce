--! does: Tells the children of jobs that have ended, and theirs if that cancels them: as many as one call
--!   may, the rest through `relay`. pend:id are the parents that have not let a job go, in their
--!   order; an even score stands for the policy `cancel`. b:pair are the deferred jobs.
--! keys: b: expire family draft: jobs kids: pend: state
local ends = { c = 'completed', d = 'dead_letter', x = 'canceled', t = 'stopped' }

-- Jobs whose children are to be told in this call; how many children that may be; those it canceled.
M.ends, M.telling, M.budget, M.fallen = {}, false, 500, {}

-- Takes a deferred job out of its zset and gives its record; nil if it is not deferred.
function M.undefer(id)
  local record = redis.call('HGET', R .. 'jobs', id)
  if not record then return nil end
  local _, _, queue, kind = M.head(record)
  return queue and redis.call('ZREM', R .. 'b:' .. queue .. '|' .. kind, id) == 1 and record or nil
end

-- Cancels a deferred job because of a parent.
function M.fell(id, parent, how)
  local record = M.undefer(id)
  if not record then return end
  local prio, flags, queue, kind = M.head(record)
  if string.find(flags, ';x', 1, true) then redis.call('ZREM', R .. 'expire', id) end
  M.finish(id, 'x', M.felled(parent, how), queue .. '|' .. prio .. kind, '!', M.numbers(1))
  M.fallen[#M.fallen + 1] = id
end

function M.tellKid(parent, id, ok, how)
  local pend, draft = R .. 'pend:' .. id, string.match(parent, '^#(.*)')
  if not ok then
    local edge = redis.call('ZSCORE', pend, parent)
    if not edge then return end
    if edge % 2 == 0 then return M.fell(id, parent, how) end
  end
  if redis.call('ZREM', pend, parent) == 0 then return end
  local doom = draft and redis.call('HGET', R .. 'draft:' .. draft, id)
  if doom then return M.fell(id, string.match(doom, '|(.*)') or '', string.match(doom, '^[^|]*')) end
  if redis.call('EXISTS', pend) == 1 then return end
  local record = M.undefer(id)
  if not record then return end
  local status = M.enter(id, record)
  local _, _, queue, kind = M.head(record)
  if M.hears() then M.event(status, id, status, queue .. '|' .. kind) end
end

-- Tells the children of a job after a cursor, up to a number; gives the cursor if there may be more.
function M.tell(id, what, cursor, last)
  local ok, how, limit = string.sub(what, 1, 1) == 'o', string.sub(what, 2), M.budget
  local kids = redis.call('ZRANGEBYSCORE', R .. 'kids:' .. id, '(' .. cursor, last, 'WITHSCORES', 'LIMIT', 0, limit)
  M.budget = limit - #kids / 2
  for i = 1, #kids, 2 do M.tellKid(id, kids[i], ok, how) end
  if #kids == 2 * limit then return kids[#kids] end
  M.toldAll(id)
  if string.byte(id) == 35 then redis.call('UNLINK', R .. 'draft:' .. string.sub(id, 2)) end
end

-- Tells those that are listed, and those that this ends.
function M.tellAll()
  M.telling = true
  local i = 1
  while M.ends[i] do
    local id, what, cursor = M.ends[i][1], M.ends[i][2], '0'
    if M.budget > 0 then cursor = M.tell(id, what, cursor, '+inf') end
    if cursor then M.leave(id, what, cursor) end
    i = i + 1
  end
  M.ends, M.telling = {}, false
  M.announce(M.fallen)
  M.fallen = {}
end

-- What the children of a job are to be told, by its status; nil if it has not ended.
function M.tellingOf(id)
  if string.byte(id) == 35 then return 'o' end
  if redis.call('HEXISTS', R .. 'jobs', id) == 0 then return 'fwas removed' end
  local status = string.match(redis.call('HGET', R .. 'state', id) or '', '^[cdxt]')
  return status and (status == 'c' and 'o' or 'fended as ' .. ends[status])
end

-- A job has ended: completed, or otherwise, which `how` says as text.
function M.endedKids(id, ok, how)
  if not M.hasKin() or redis.call('SISMEMBER', R .. 'family', id) == 0 then
    M.untold[id] = nil
    return
  end
  local what = ok and 'o' or 'f' .. how
  if M.isRelayed(id) then return M.leave(id, what, '0') end
  M.ends[#M.ends + 1], M.untold[id] = { id, what }, true
  if not M.telling then M.tellAll() end
end
