--! does: Writes a group of new jobs that nothing keeps out.
--! keys: b: expire family draft: draftIds: jobs kids: locks pend: seq

-- Writes one job, except for its record; gives its status.
local function write(job, fates, parents, draft, deferred)
  local pend, how, fallen, blocked = M.link(job, fates, parents, draft)
  local id, record = job.id, job.record
  local prio, flags, queue, kind = M.head(record)
  local pair = queue .. '|' .. kind
  local status = fallen and 'x' or #pend > 0 and 'b' or M.dueAt(job.time) > now and 's' or 'w'
  if draft ~= '' and (fallen or not blocked) then
    if fallen then redis.call('HSET', R .. 'draft:' .. draft, id, how .. '|' .. fallen) end
    pend[#pend + 1], pend[#pend + 2] = string.format('%d', #pend + 1), '#' .. draft
    M.addKid('#' .. draft, id)
  end
  if M.hears() then M.event('n', id, (fallen or draft ~= '') and 'b' or status, pair) end
  if #pend > 0 then redis.call('ZADD', R .. 'pend:' .. id, unpack(pend)) end
  if job.key then redis.call('HSET', R .. 'locks', job.key, id) end
  if fallen and draft == '' then
    redis.call('HSET', R .. 'jobs', id, record)
    M.finish(id, 'x', M.felled(fallen, how), queue .. '|' .. prio .. kind, '!', M.numbers(1))
    return status
  end
  local x = string.match(flags, ';x(%d+);')
  if x then redis.call('ZADD', R .. 'expire', x, id) end
  if status == 'b' or draft ~= '' then
    local list = deferred[pair]
    if not list then list = {} deferred[pair] = list end
    list[#list + 1], list[#list + 2] = M.number(), id
  else
    M.enterAt(id, record, false, job.time)
  end
  return status
end

-- parents: what is known of those that are not in this call; draft: what jobs wait for that wait for none
-- of their group, or ''. Gives the statuses; those of a draft as they will be when it is released.
function M.writeGroup(jobs, parents, draft)
  local fields, fates, deferred, statuses, ids, total, trims = {}, {}, {}, {}, {}, 3 * #jobs, false
  for i = 1, #jobs do total = total + #jobs[i].edges end
  M.base = redis.call('INCRBY', R .. 'seq', total) - total
  for i = 1, #jobs do
    local job = jobs[i]
    if job.old then
      local _, _, queue, kind = M.head(job.old)
      M.dropFinal(job.id, queue .. '|' .. kind, job.oldState)
      M.newKids[job.id] = nil
    end
    if job.after and not string.find(job.flags, ';g;', 1, true) then job.record = M.withParents(job.record) end
    job.record = nows .. '|' .. job.record
    statuses[i], ids[i] = write(job, fates, parents, draft, deferred), job.id
    fates[job.id] = statuses[i]
    if statuses[i] == 'x' and draft == '' then
      trims = true
      if redis.call('HEXISTS', R .. 'jobs', job.id) == 0 then fates[job.id] = 'gone' end
    else
      fields[#fields + 1], fields[#fields + 2] = job.id, job.record
    end
  end
  if #fields > 0 then redis.call('HSET', R .. 'jobs', unpack(fields)) end
  for pair, list in pairs(deferred) do
    redis.call('ZADD', R .. 'b:' .. pair, unpack(list))
    M.know(pair)
  end
  for parent, list in pairs(M.newKids) do
    -- What ended here may have taken the place of a parent.
    if not trims or redis.call('HEXISTS', R .. 'jobs', parent) == 1 then
      redis.call('ZADD', R .. 'kids:' .. parent, unpack(list))
      redis.call('SADD', R .. 'family', parent)
      M.quiet, M.kin = false, true
    end
  end
  if draft ~= '' then redis.call('RPUSH', R .. 'draftIds:' .. draft, unpack(ids)) end
  return table.concat(statuses)
end
