--! does: Why a group of new jobs may not be written.
--! keys: jobs locks state

-- The record of a job that has parents though it was enqueued without.
function M.withParents(record)
  return (string.gsub(record, '^(%d%d|)', '%1;g;', 1))
end

-- What was answered to a request that was carried out before, at most `ms` ago; nil if it was not.
function M.repeated(jobs, old, ms)
  local known = false
  for i = 1, #jobs do
    local created, rest = string.match(old[i] or '', '^(%d+)|(.*)$')
    if created and tonumber(created) >= now - ms then
      known = rest == jobs[i].record or rest == M.withParents(jobs[i].record)
      if known then break end
    end
  end
  if known then
    local statuses = {}
    for i = 1, #jobs do statuses[i] = old[i] and M.statusOf(jobs[i].id, old[i]) or 'w' end
    return { 'c', table.concat(statuses) }
  end
  local function merged(id, record)
    if record and string.find(record, '^%d+|%d%d|[^|]*;m' .. ARGV[1] .. ';') then
      return { 'm', id, (M.statusOf(id, record)) }
    end
  end
  local job = jobs[1]
  if #jobs > 1 then return nil end
  if old[1] then return merged(job.id, old[1]) end
  local id = job.key and redis.call('HGET', R .. 'locks', job.key)
  return id and merged(id, redis.call('HGET', R .. 'jobs', id))
end

-- The first job whose id or key is in use, if there is one: what is answered. Notes in the others which
-- final job makes room for them, and after which owner of their key they run.
function M.inUse(jobs, old, conflict)
  for i = 1, #jobs do
    local job, id, record, status, state = jobs[i], nil, nil, nil, nil
    if old[i] then
      status, state = M.statusOf(job.id, old[i])
      if M.makesRoom(job.room, old[i], status) then job.old, job.oldState = old[i], state
      else id, record = job.id, old[i] end
    end
    if not id and job.key then
      id, record, status, state = M.liveOwner(job.key)
      if id and conflict == 'a' and status == 'p' then job.after, id = id, nil end
    end
    if id and #jobs == 1 and (conflict == 'r' or conflict == 'd') and string.find('wsrb', status, 1, true) then
      local payload = string.match(job.record, '^[^\n]*\n[^\n]*\n(.*)$')
      return { 'm', id, M.merge(id, record, status, state, payload, conflict == 'd' and job.time or nil, ARGV[1]) }
    end
    if id then return { 'd', string.format('%d', i - 1), id, status } end
  end
end

-- What is known of the parents that are not in this call: by id, the status letter of a final one, '' for
-- another, nil for one that is not there; and what is answered if one is missing.
function M.parentsOf(jobs)
  local before, found, ids, missing = {}, {}, {}, nil
  for i = 1, #jobs do
    for e = 1, #jobs[i].edges do
      local parent = string.sub(jobs[i].edges[e], 2)
      if not before[parent] and found[parent] == nil then
        found[parent], ids[#ids + 1] = false, parent
      end
    end
    before[jobs[i].id] = true
  end
  for from = 1, #ids, 1000 do
    local to = from + 999 < #ids and from + 999 or #ids
    local states = redis.call('HMGET', R .. 'state', unpack(ids, from, to))
    for k = from, to do
      if redis.call('HEXISTS', R .. 'jobs', ids[k]) == 1 then
        found[ids[k]] = states[k - from + 1] and string.match(states[k - from + 1], '^[cdx]') or ''
      end
    end
  end
  for i = 1, #jobs do
    for e = 1, #jobs[i].edges do
      local letter, parent = string.match(jobs[i].edges[e], '^(.)(.*)$')
      if (letter == 'c' or letter == 'k') and not found[parent] then
        return nil, { 'p', string.format('%d', i - 1), parent }
      end
    end
  end
  return found
end
