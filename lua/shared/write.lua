--! does: Writes a group of new jobs that nothing keeps out.
--! keys: b: draft: draftIds: expire jobs locks pend: seq

-- What goes into one call each at the end: deferred jobs by pair, times of expiry, unique keys.
local deferred, expiring, locked = {}, {}, {}

-- Writes one job, except for its record; gives its status.
local function write(job, fates, parents, draft)
  local pend, how, fallen, blocked = nil, nil, nil, nil
  if job.after or #job.edges > 0 then pend, how, fallen, blocked = M.link(job, fates, parents, draft) end
  local id, head = job.id, job.head
  local pair = head.pair
  local waits = pend and #pend > 0
  local status = fallen and 'x' or waits and 'b' or job.time ~= '' and M.dueAt(job.time) > now and 's' or 'w'
  if draft ~= '' and (fallen or not blocked) then
    if fallen then redis.call('HSET', R .. 'draft:' .. draft, id, how .. '|' .. fallen) end
    pend, waits = pend or {}, true
    pend[#pend + 1], pend[#pend + 2] = string.format('%d', #pend + 1), '#' .. draft
    M.addKid('#' .. draft, id)
  end
  if M.hears() then M.event('n', id, (fallen or draft ~= '') and 'b' or status, pair) end
  if waits then redis.call('ZADD', R .. 'pend:' .. id, unpack(M.fromTheEnd(pend))) end
  if fallen and draft == '' then
    if head.key then redis.call('HSET', R .. 'locks', head.key, id) end
    redis.call('HSET', R .. 'jobs', id, job.record)
    M.finish(id, 'x', M.felled(fallen, how), head.lane, '!', M.numbers(1))
    return status
  end
  if head.key then locked[#locked + 1], locked[#locked + 2] = head.key, id end
  if head.expireAt then expiring[#expiring + 1], expiring[#expiring + 2] = head.expireAt, id end
  if status == 'b' or draft ~= '' then
    local list = deferred[pair]
    if not list then list = {} deferred[pair] = list end
    list[#list + 1], list[#list + 2] = string.format('%d', M.number()), id
    return status
  end
  return M.enterWith(head, id, job.time, M.number())
end

-- parents: what is known of those that are not in this call; draft: what jobs wait for that wait for none
-- of their group, or ''. Gives the statuses; those of a draft as they will be when it is released.
function M.writeGroup(jobs, parents, draft)
  local fields, fates, statuses, ids, total, trims = {}, {}, {}, {}, 3 * #jobs, false
  deferred, expiring, locked = {}, {}, {}
  for i = 1, #jobs do total = total + #jobs[i].edges end
  M.base = redis.call('INCRBY', R .. 'seq', total) - total
  local isPlain, place = not M.hears() and draft == '', nil
  for i = 1, #jobs do
    local job = jobs[i]
    local head = job.head
    ids[i] = job.id
    if isPlain and head.flags == '' and job.time == '' and #job.edges == 0 and not (job.after or job.old) then
      -- The way of most: nothing is special about it but that others may wait for it.
      place, statuses[i] = M.base + 1, 'w'
      M.base = place
      local list = M.lines[head.lane]
      if list then list[#list + 1] = string.format('%d|', place) .. job.id
      else M.lines[head.lane] = { string.format('%d|', place) .. job.id, first = place } end
      fields[#fields + 1], fields[#fields + 2] = job.id, nows .. '|' .. job.record
    else
      if job.old then
        local _, _, queue, kind = M.head(job.old)
        M.dropFinal(job.id, queue .. '|' .. kind, job.oldState)
        M.newKids[job.id] = nil
      end
      if job.after and not string.find(head.flags, ';g;', 1, true) then
        job.record = M.withParents(job.record)
        job.head = M.headOf(job.record)
      end
      job.record = nows .. '|' .. job.record
      statuses[i] = write(job, fates, parents, draft)
      if statuses[i] ~= 'x' or draft ~= '' then fields[#fields + 1], fields[#fields + 2] = job.id, job.record
      else
        trims = true
        M.base = redis.call('INCRBY', R .. 'seq', total) - total -- its end may have given places in line
      end
    end
    local isGone = statuses[i] == 'x' and trims and redis.call('HEXISTS', R .. 'jobs', job.id) == 0
    fates[job.id] = isGone and 'gone' or statuses[i]
  end
  if #fields > 0 then redis.call('HSET', R .. 'jobs', unpack(fields)) end
  if #locked > 0 then redis.call('HSET', R .. 'locks', unpack(locked)) end
  if #expiring > 0 then redis.call('ZADD', R .. 'expire', unpack(expiring)) end
  for pair, list in pairs(deferred) do
    redis.call('ZADD', R .. 'b:' .. pair, unpack(list))
    M.know(pair)
  end
  M.enterAll()
  -- What ended here may have taken the place of a parent.
  for parent in pairs(trims and M.newKids or {}) do
    if redis.call('HEXISTS', R .. 'jobs', parent) == 0 then M.newKids[parent] = nil end
  end
  if next(M.newKids) then
    local own = {}
    for i = 1, #jobs do own[jobs[i].id] = jobs[i].head.pair end
    M.addKids(M.newKids, own)
  end
  M.newKids = {}
  if draft ~= '' then redis.call('RPUSH', R .. 'draftIds:' .. draft, unpack(ids)) end
  return table.concat(statuses)
end

-- What a record without its time says, which is the same for most jobs of a group.
local heads = {}
function M.headOf(record)
  local p = string.find(record, '\n', 1, true)
  local line = p and string.sub(record, 1, p - 1) or record
  local head = heads[line]
  if not head then
    local prio, flags, queue, kind = string.match(line, '^(%d%d)|([^|]*)|([^|]*)|(.*)$')
    head = M.doorOf(prio, flags, queue, kind)
    head.flags = flags
    head.key, head.big = string.match(flags, ';u([^;,]*),'), string.match(flags, ';b([^;]+);')
    head.expireAt = string.match(flags, ';x(%d+);')
    heads[line] = head
  end
  return head
end
