--! does: Checks that what has jobs is known to all who look for jobs.
--! keys: active due f: finals front idx: l: lanes pairs prios: queues seq types:

local function lost(text, mend)
  M.found('lost_entry', nil, text, mend)
end

-- key: a list or zset of the pair that is not empty.
function M.checkPair(pair, key)
  local p = string.find(pair, '|', 1, true)
  local queue, kind = string.sub(pair, 1, p - 1), string.sub(pair, p + 1)
  if redis.call('SISMEMBER', R .. 'pairs', pair) == 1 and redis.call('SISMEMBER', R .. 'queues', queue) == 1
    and redis.call('SISMEMBER', R .. 'types:' .. queue, kind) == 1 then return end
  lost('There are jobs in ' .. key .. ", but pairs, queues and types do not name '" .. pair .. "'", function()
    redis.call('SREM', R .. 'pairs', pair)
    M.know(pair)
  end)
end

-- Checks what the index says of a lane.
function M.checkLane(lane)
  local key = R .. 'l:' .. lane
  local head, tail = redis.call('LINDEX', key, 0), redis.call('LINDEX', key, -1)
  local first, last = M.placeOf(head or ''), M.placeOf(tail or '')
  if not first or not last then return end
  local pair, queue, member = M.parts(lane)
  M.checkPair(pair, 'l:' .. lane)
  local prio = string.sub(member, 1, 2)
  if redis.call('SISMEMBER', R .. 'lanes', lane) == 0 or redis.call('SISMEMBER', R .. 'prios:' .. queue, prio) == 0 then
    lost('There are jobs in l:' .. lane .. ', but lanes and prios do not name it', function()
      redis.call('SADD', R .. 'lanes', lane)
      redis.call('SADD', R .. 'prios:' .. queue, prio)
    end)
  end
  local score = tonumber(redis.call('ZSCORE', R .. 'idx:' .. queue, member) or nil)
  if not score or score > prio * 1e14 + first then
    lost('There are jobs in l:' .. lane .. ', but idx:' .. queue .. (score and ' has it too late' or ' has it not'),
      function() M.open(lane, first) end)
  end
  if not redis.call('ZSCORE', R .. 'active', queue) then
    lost('There are jobs in l:' .. lane .. ', but active does not name its queue', function()
      redis.call('ZADD', R .. 'active', 0, queue)
      M.opened[lane] = pair
    end)
  end
  local seq, front = tonumber(redis.call('GET', R .. 'seq') or 0), tonumber(redis.call('GET', R .. 'front') or 0)
  if last > seq then
    M.found('wrong_count', nil, 'A place in l:' .. lane .. ' is above seq, the last that was given', function()
      redis.call('SET', R .. 'seq', string.format('%d', last))
    end)
  end
  if first < front and first < 0 then
    M.found('wrong_count', nil, 'A place in l:' .. lane .. ' is below front, the last that was given', function()
      redis.call('SET', R .. 'front', string.format('%d', first))
    end)
  end
end

-- Checks what is said of a zset of delayed jobs.
function M.checkDelayed(name)
  local head = redis.call('ZRANGE', R .. name, 0, 0, 'WITHSCORES')
  local score = redis.call('ZSCORE', R .. 'due', name)
  if not head[2] or score and tonumber(score) <= tonumber(head[2]) then return end
  lost('There are jobs in ' .. name .. ', but due ' .. (score and 'has it too late' or 'does not name it'), function()
    M.redue(name)
    M.wake(string.sub(name, 3), 'd')
  end)
end

-- Checks what is said of a list of completed jobs.
function M.checkFinals(pair)
  local oldest = M.placeOf(redis.call('LINDEX', R .. 'f:' .. pair, -1) or '')
  if not oldest then return end
  local score = redis.call('ZSCORE', R .. 'finals', pair)
  if score and tonumber(score) <= oldest then return end
  lost('There are jobs in f:' .. pair .. ', but finals ' .. (score and 'has it too late' or 'does not name it'), function()
    redis.call('ZADD', R .. 'finals', string.format('%d', oldest), pair)
  end)
end
