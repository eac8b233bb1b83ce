--! does: Checks that a job is in its place, and in no other of the kind.
--! keys: b: expire f: finals pend: purge seq

local function checkFinal(job)
  local id, limit, quota = job.id, M.limitOf(job), M.quotaOf(job)
  local name = 'g' .. job.status .. ':' .. job.pair
  local function purge()
    if limit and limit >= 0 then redis.call('ZADD', R .. 'purge', 'NX', string.format('%d', now + limit), id) end
  end
  local number = redis.call('ZSCORE', R .. name, id)
  if number then
    if quota and not redis.call('ZSCORE', R .. quota, id) then
      M.found('lost_entry', id, 'It has a number of its own, but ' .. quota .. ' does not have it', function()
        redis.call('ZADD', R .. quota, number, id)
      end)
    end
    if limit and limit > 0 and not redis.call('ZSCORE', R .. 'purge', id) then
      M.found('lost_entry', id, 'It has a retention of its own, but purge does not name it', purge)
    end
    return nil
  end
  if job.status == 'c' and not limit and not quota then return 'f:' .. job.pair end
  M.found('lost_entry', id, 'It is ' .. M.statuses[job.status] .. ', but not in ' .. name, function()
    redis.call('ZADD', R .. name, string.format('%d', M.numbers(1)), id)
    M.know(job.pair)
    if quota then redis.call('ZADD', R .. quota, 'NX', redis.call('ZSCORE', R .. name, id), id) end
    limit = limit or job.status == 'c' and M.keepCompleted or M.keepFailed
    purge()
  end)
end

-- Checks all but whether it is in its list; gives the list's name if it must be in one.
function M.judge(job)
  local status, id = job.status, job.id
  local x = M.expires(job)
  if x and not redis.call('ZSCORE', R .. 'expire', id) then
    M.found('lost_entry', id, 'It is to expire, but expire does not name it', function()
      redis.call('ZADD', R .. 'expire', x, id)
    end)
  end
  if status == 'c' or status == 'd' or status == 'x' or status == 't' then return checkFinal(job) end
  if status == 'b' then return M.checkEdges(job) end
  if status == 'w' then return M.listOf(job) end
  M.checkEarly(job)
end

local function restore(job, name)
  if job.status == 'c' then
    local number = string.format('%d', M.numbers(1))
    if redis.call('LPUSH', R .. name, number .. '!' .. job.id) == 1 then redis.call('ZADD', R .. 'finals', number, job.pair) end
    M.know(job.pair)
  elseif redis.call('EXISTS', R .. 'pend:' .. job.id) == 1 then
    redis.call('ZADD', R .. 'b:' .. job.pair, string.format('%d', redis.call('INCR', R .. 'seq')), job.id)
    M.know(job.pair)
    M.checkEdges(job)
  else
    M.place(job)
  end
end

-- Judges a job by its entries in the list that it must be in, the first of them first.
function M.resolve(job, name, entries)
  if #entries == 1 then
    if job.status == 'w' then M.checkEarly(job) end
    return
  end
  if #entries == 0 then
    local what = name
    if job.status == 'w' and redis.call('EXISTS', R .. 'pend:' .. job.id) == 1 then what = 'b:' .. job.pair end
    return M.found('lost_entry', job.id, 'It is ' .. M.statuses[job.status] .. ', but not in ' .. what, function()
      restore(job, name)
    end)
  end
  M.found('double_entry', job.id, name .. ' has it ' .. #entries .. ' times', function()
    for i = 2, #entries do redis.call('LREM', R .. name, -1, entries[i]) end
  end)
end
