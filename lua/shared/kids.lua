--! does: Tells the children of jobs that have ended, and theirs if that cancels them: as many as one call
--!   may, the rest through `relay`. pend:id are the parents that have not let a job go, in their
--!   order; an even score stands for the policy `cancel`. b:pair are the deferred jobs.
--! keys: b: draft: expire family jobs pend: seq state
local ends = { c = 'completed', d = 'dead_letter', x = 'canceled', t = 'stopped' }

-- Jobs whose children are to be told in this call; how many children that may be; those it canceled; whether children
-- are let go only when holdKids ends.
M.ends, M.telling, M.budget, M.fallen, M.holding = {}, false, 500, {}, false

-- Children that parents have let go, in that order, and these parents, for whom they wait until letGo.
local freed, partings = {}, {}

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

-- A parent has ended, which tells one child; letGo lets those go that wait for nothing else. doom: of a draft,
-- `how|parent` if the child is to be canceled.
function M.tellKid(parent, id, ok, how, doom)
  if not ok then
    local edge = redis.call('ZSCORE', R .. 'pend:' .. id, parent)
    if not edge then return end
    if edge % 2 == 0 then return M.fell(id, parent, how) end
  elseif doom then
    if redis.call('ZREM', R .. 'pend:' .. id, parent) == 1 then M.fell(id, string.match(doom, '|(.*)') or '', string.match(doom, '^[^|]*')) end
    return
  end
  local list, at = partings[id], #freed + 1
  if list then list[#list + 1] = parent
  else
    list = { parent }
    partings[id] = list
  end
  freed[at], list.at = id, at
end

-- Deferred jobs that wait for nothing any more come into their lines.
local function enter(ids)
  local records, byPair, heads = redis.call('HMGET', R .. 'jobs', unpack(ids)), {}, {}
  for i = 1, #ids do
    local prio, flags, queue, kind = M.head(records[i] or '')
    if kind then
      local pair = queue .. '|' .. kind
      local list = byPair[pair]
      if list then list[#list + 1] = ids[i] else byPair[pair] = { ids[i] } end
      heads[ids[i]] = { prio, flags, queue, kind }
    end
  end
  local waiting = {}
  for pair, list in pairs(byPair) do
    local scores = redis.call('ZMSCORE', R .. 'b:' .. pair, unpack(list))
    if redis.call('ZREM', R .. 'b:' .. pair, unpack(list)) > 0 then
      for i = 1, #list do waiting[list[i]] = scores[i] end
    end
  end
  local place = redis.call('INCRBY', R .. 'seq', #ids) - #ids
  for i = 1, #ids do
    local id, head = ids[i], heads[ids[i]]
    if waiting[id] then
      local door = M.doorOf(head[1], head[2], head[3], head[4])
      local status = M.enterWith(door, id, M.delayOf(head[2]), place + i)
      if M.hears() then M.event(status, id, status, door.pair) end
    end
  end
  M.enterAll()
end

-- Takes the parents that have ended from what their children wait for.
local function letGo()
  local ids, of, free = freed, partings, {}
  freed, partings = {}, {}
  for i = 1, #ids do
    local pend, parents = R .. 'pend:' .. ids[i], of[ids[i]]
    if parents.at == i and redis.call('ZREM', pend, unpack(parents)) > 0 and redis.call('EXISTS', pend) == 0 then
      free[#free + 1] = ids[i]
    end
  end
  if #free > 0 then enter(free) end
end

-- Tells the children of a job after a cursor, up to a number; gives the cursor if there may be more. only: what `family`
-- says of it, if that is known; isThere: whether it surely is.
function M.tell(id, what, cursor, last, only, isThere)
  local ok, how, limit = string.byte(what) == 111, string.sub(what, 2), M.budget
  local kids = M.kidsOf(id, cursor, last, limit, only)
  M.budget = limit - #kids / 2
  local draft, dooms = string.match(id, '^#(.*)'), nil
  if draft and #kids > 0 then
    local ids = {}
    for i = 1, #kids, 2 do ids[#ids + 1] = kids[i] end
    dooms = redis.call('HMGET', R .. 'draft:' .. draft, unpack(ids))
  end
  for i = 1, #kids, 2 do M.tellKid(id, kids[i], ok, how, dooms and dooms[(i + 1) / 2]) end
  if #kids == 2 * limit then return kids[#kids] end
  M.toldAll(id, isThere)
  if draft then redis.call('UNLINK', R .. 'draft:' .. draft) end
end

-- Tells those that are listed, and those that this ends.
function M.tellAll()
  M.telling = true
  local i = 1
  while M.ends[i] or #freed > 0 and not M.holding do
    local one = M.ends[i]
    if one then
      local id, cursor = one.id, '0'
      if M.budget > 0 then cursor = M.tell(id, one.what, cursor, '+inf', one.only, one.isThere) end
      if cursor then M.leave(id, one.what, cursor) end
      i = i + 1
    else
      letGo()
    end
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

-- Whether children are let go together, in the order in which they were told, once all have ended.
function M.holdKids(on)
  M.holding = on
  if not on then M.tellAll() end
end

-- A job has ended that has children: what they are to be told, and what of it is known, as tell has it.
function M.endedParent(id, what, only, isThere)
  if M.isRelayed(id) then return M.leave(id, what, '0') end
  local kid = isThere and what == 'o' and M.holding and M.budget > 0 and string.match(only, '^%d+ (.+)$')
  if kid then -- the way of most
    M.budget, M.told[id] = M.budget - 1, true
    return M.tellKid(id, kid, true)
  end
  M.ends[#M.ends + 1], M.untold[id] = { id = id, what = what, only = only, isThere = isThere }, true
  if not M.telling then M.tellAll() end
end

-- A job has ended: completed, or otherwise, which `how` says as text.
function M.endedKids(id, ok, how)
  local only = M.hasKin() and redis.call('HGET', R .. 'family', id)
  if only then M.endedParent(id, ok and 'o' or 'f' .. how, only) else M.untold[id] = nil end
end
