--! does: What is still to be told to the children of jobs stands in `relay`: id -> lines of `what|cursor|last`, where what is
--!   `o` it has completed, `f` and how it ended otherwise, `r` bring back what it canceled; cursor the number of the
--!   last child that knows; and last the highest number then: those that come later, as the job may run again, or
--!   another with its id, are not meant.
--! keys: ctl family jobs kids: kin: relay seq

-- Ids whose children were all told in this call; whether something was left to `relay` in it.
M.told, M.left, M.relaying = {}, false, 'unknown'

-- Ids of jobs that ended in this call and whose children are still to hear of it: whatever else this call
-- removes, they stay known until then.
M.untold = {}

-- The children of a job from behind a number up to another, at most `limit`, each with its number. only: what
-- `family` says of it, if that was read.
function M.kidsOf(id, cursor, last, limit, only)
  local kid, number = M.onlyKid(only or redis.call('HGET', R .. 'family', id))
  if not kid then
    return redis.call('ZRANGEBYSCORE', R .. 'kids:' .. id, '(' .. cursor, last, 'WITHSCORES', 'LIMIT', 0, limit)
  end
  local isMeant = limit > 0 and tonumber(number) > tonumber(cursor) and (last == '+inf' or tonumber(number) <= tonumber(last))
  return isMeant and { kid, number } or {}
end

-- Whether a job knows of a child.
function M.isKid(parent, id)
  local only = redis.call('HGET', R .. 'family', parent)
  if not only then return false end
  local kid = M.onlyKid(only)
  return kid == id or not kid and redis.call('ZSCORE', R .. 'kids:' .. parent, id) ~= false
end

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

-- Takes jobs that are removed from those with children.
function M.leaveKin(ids, records)
  if not M.hasKin() then return end
  local kin = redis.call('HMGET', R .. 'family', unpack(ids))
  for i = 1, #ids do
    local pair = kin[i] and string.match(records[i] or '', '^%d+|%d%d|[^|]*|([^\n]*)')
    if pair then redis.call('ZREM', R .. 'kin:' .. pair, ids[i]) end
  end
end

-- Forgets the children of jobs that are gone. pair: theirs, if they are removed by this, and have one.
function M.dropKids(ids, pair)
  if #ids == 0 or not M.hasKin() then return end
  local kin, dropped, keys = redis.call('HMGET', R .. 'family', unpack(ids)), {}, {}
  for i = 1, #ids do
    if kin[i] and pair then redis.call('ZREM', R .. 'kin:' .. pair, ids[i]) end
    if kin[i] and not M.untold[ids[i]] and not M.isRelayed(ids[i]) then
      dropped[#dropped + 1] = ids[i]
      if not M.onlyKid(kin[i]) then keys[#keys + 1] = R .. 'kids:' .. ids[i] end
    end
  end
  if #dropped > 0 then redis.call('HDEL', R .. 'family', unpack(dropped)) end
  if #keys > 0 then redis.call('UNLINK', unpack(keys)) end
end

-- The children of a job know all there is to know. isThere: if it is known to be.
function M.toldAll(id, isThere)
  M.told[id], M.untold[id] = true, nil
  if not isThere and redis.call('HEXISTS', R .. 'jobs', id) == 0 then M.dropKids({ id }) end
end
