--! does: Checks the members of zsets: each must stand for a job whose place that is.
--! keys: claims family g leases: purge

M.members = {}
local members = M.members

local function stale(name, member, id, text, mend)
  M.found('stale_entry', id, name .. ' has it, but ' .. text, mend or function() redis.call('ZREM', R .. name, member) end)
end

local function otherwise(job)
  return 'it is ' .. M.statuses[job.status]
end

local function isFinal(job)
  return job.status == 'c' or job.status == 'd' or job.status == 'x' or job.status == 't'
end

-- Delayed jobs: zsets d: and r:.
function members.d(name, member, score)
  local id = string.match(member, '^%d%d[|!*^&@](.+)$')
  local function drop()
    redis.call('ZREM', R .. name, member)
    M.redue(name)
  end
  if not id then return stale(name, member, nil, "'" .. member .. "' is no entry", drop) end
  local job = M.look(id)
  if not job then return stale(name, member, id, 'it is not there', drop) end
  if job.isBroken then return end
  if not string.find('wsr', job.status, 1, true) then return stale(name, member, id, otherwise(job), drop) end
  local right, as = M.delayedPlace(id, job.record, job.state)
  if right == name and as == member then return end
  if not right then return stale(name, member, id, 'it is to be ready', drop) end
  if redis.call('ZSCORE', R .. right, as) then
    return M.found('double_entry', id, name .. ' has it twice, or ' .. right .. ' has it too', drop)
  end
  stale(name, member, id, 'not as its record says', function()
    drop()
    M.delay(right, job.pair, { score, as }, tonumber(score))
  end)
end
members.r = members.d

-- Deferred jobs.
function members.b(name, id)
  local job = M.look(id)
  if not job then return stale(name, id, id, 'it is not there') end
  if job.isBroken or job.status == 'b' and name == 'b:' .. job.pair then return end
  stale(name, id, id, job.status == 'b' and 'it belongs to ' .. job.pair or otherwise(job))
end

-- Jobs with children.
function members.kin(name, id)
  local job = M.look(id)
  if not job then return stale(name, id, id, 'it is not there') end
  if job.isBroken then return end
  if name ~= 'kin:' .. job.pair then return stale(name, id, id, 'it belongs to ' .. job.pair) end
  if redis.call('HEXISTS', R .. 'family', id) == 0 then stale(name, id, id, 'it has no children') end
end

-- Final jobs that are not in a list.
function members.g(name, id)
  local job = M.look(id)
  if job and (job.isBroken or name == 'g' .. job.status .. ':' .. job.pair) then return end
  local text = not job and 'it is not there' or otherwise(job) .. ' in ' .. job.pair
  stale(name, id, id, text, function()
    redis.call('ZREM', R .. name, id)
    if not job or not isFinal(job) then redis.call('ZREM', R .. 'purge', id) end
  end)
end

-- Final jobs with a number of their own.
function members.k(name, id)
  local job = M.look(id)
  if not job then return stale(name, id, id, 'it is not there') end
  if job.isBroken or isFinal(job) and M.quotaOf(job) == name then return end
  stale(name, id, id, isFinal(job) and 'it is not counted there' or otherwise(job))
end

function members.purge(name, id)
  local job = M.look(id)
  if not job then return stale(name, id, id, 'it is not there') end
  if job.isBroken or isFinal(job) and (job.status ~= 'c' or M.limitOf(job) or M.quotaOf(job)) then return end
  stale(name, id, id, otherwise(job) .. (isFinal(job) and ', and not kept by a time of its own' or ''))
end

function members.expire(name, id)
  local job = M.look(id)
  if not job then return stale(name, id, id, 'it is not there') end
  if job.isBroken or M.expires(job) then return end
  stale(name, id, id, string.find(job.flags, ';x', 1, true) and otherwise(job) or 'it does not expire')
end

function members.leases(name, id)
  if id == M.sentinel then return end
  local claim = redis.call('HGET', R .. 'claims', id)
  local server = claim and string.match(claim, '^%d+|%-?%d+[|!*]%d+|[^|]*|([^|]*)|')
  if claim and (not server or name == 'leases:' .. server) then return end
  local text = server and "but '" .. server .. "' holds it" or 'but nobody holds it'
  M.found('stale_lease', id, name .. ' has it, ' .. text, function() redis.call('ZREM', R .. name, id) end)
end

function members.due(name, member)
  if string.find(member, '^[dr]:') and redis.call('EXISTS', R .. member) == 1 then return end
  M.found('stale_entry', nil, 'due names ' .. member .. ', where no job is', function() redis.call('ZREM', R .. name, member) end)
end

-- Ten minutes after its time any upkeep would have taken a draft away.
function members.drafts(_, draft, score)
  local ends = tonumber(score)
  if ends == 0 or ends + 600000 > now then return end
  M.found('stale_edge', nil, "Draft '" .. draft .. "' was given up long ago, and is still there",
    function() M.rollBack(draft) end)
end
