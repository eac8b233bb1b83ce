--! does: Why a group of new jobs may not be written.
--! keys: drafts jobs locks

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
  local id = job.head.key and redis.call('HGET', R .. 'locks', job.head.key)
  return id and merged(id, redis.call('HGET', R .. 'jobs', id))
end

local function typeOf(record)
  return string.match(record, '^%d+|%d%d|[^|]*|[^|]*|([^\n]*)')
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
    if not id and job.head.key then
      id, record, status, state = M.liveOwner(job.head.key)
      if id and conflict == 'a' and status == 'p' then job.after, id = id, nil end
    end
    -- A job of a draft may yet be removed.
    local draft = id and string.match(record, '^%d+|%d%d|[^|]*;q([^;|]+);')
    local ends = draft and redis.call('ZSCORE', R .. 'drafts', draft)
    if ends then return { 'u', draft, string.format('%d', now - ends + 60000) } end
    local merges = id and #jobs == 1 and (conflict == 'r' or conflict == 'd') and string.find('wsrb', status, 1, true)
    if merges and typeOf(record) == typeOf('0|' .. job.record) then
      local payload = string.match(job.record, '^[^\n]*\n[^\n]*\n(.*)$')
      return { 'm', id, M.merge(id, record, status, state, payload, conflict == 'd' and job.time or nil, ARGV[1]) }
    end
    if id then return { 'd', string.format('%d', i - 1), id, status } end
  end
end
