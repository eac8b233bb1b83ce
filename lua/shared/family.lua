--! does: Which jobs have children: `family`, their ids, and kids:id, a zset of the children by a number
--!   that rises. What is still to be told to them stands in `relay`: id -> lines of `what|cursor|last`,
--!   where what is `o` it has completed, `f` and how it ended otherwise, `r` bring back what it canceled;
--!   cursor the number of the last child that knows; and last the highest number then: those that come
--!   later, as the job may run again, or another with its id, are not meant.
--! keys: ctl family jobs kids: relay seq

-- Ids whose children were all told in this call; whether something was left to `relay` in it.
M.told, M.left, M.relaying = {}, false, 'unknown'

-- Ids of jobs that ended in this call and whose children are still to hear of it: whatever else this call
-- removes, they stay known until then.
M.untold = {}

-- Whether the children of a job are still to be told something.
function M.isRelayed(id)
  if M.relaying == 'unknown' then M.relaying = redis.call('EXISTS', R .. 'relay') == 1 end
  return M.relaying and redis.call('HEXISTS', R .. 'relay', id) == 1
end

-- Leaves what a job's children after a cursor are to be told to `relay`.
function M.leave(id, what, cursor)
  local before = redis.call('HGET', R .. 'relay', id)
  local last = redis.call('GET', R .. 'seq') or '0'
  redis.call('HSET', R .. 'relay', id, (before and before .. '\n' or '') .. what .. '|' .. cursor .. '|' .. last)
  if not M.left then redis.call('PUBLISH', R .. 'ctl', 'relay') end
  M.left, M.relaying, M.untold[id] = true, true, nil
end

-- Forgets the children of a job that is gone.
function M.dropKids(id)
  if M.hasKin() and not M.untold[id] and not M.isRelayed(id) and redis.call('SREM', R .. 'family', id) == 1 then
    redis.call('UNLINK', R .. 'kids:' .. id)
  end
end

-- The same of many, of which few have any.
function M.dropAllKids(ids)
  if not M.hasKin() then return end
  local kin = redis.call('SMISMEMBER', R .. 'family', unpack(ids))
  for i = 1, #ids do
    if kin[i] == 1 then M.dropKids(ids[i]) end
  end
end

-- The children of a job know all there is to know.
function M.toldAll(id)
  M.told[id], M.untold[id] = true, nil
  if redis.call('HEXISTS', R .. 'jobs', id) == 0 then M.dropKids(id) end
end
