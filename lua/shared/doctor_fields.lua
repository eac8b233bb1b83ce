--! does: Checks the fields of hashes: each must be of a job, or of a server, that is there.
--! keys: claims family drafts jobs kids: kin: leases: locks pend: relay seq servers startMarks

M.fields = {}
local fields = M.fields

local function isThere(id)
  return redis.call('HEXISTS', R .. 'jobs', id) == 1
end

-- Whether children may wait for an id: a job, one that they are still to be told of, or a draft.
function M.hasParent(id)
  if isThere(id) or redis.call('HEXISTS', R .. 'relay', id) == 1 then return true end
  return string.byte(id) == 35 and redis.call('ZSCORE', R .. 'drafts', string.sub(id, 2)) and true or false
end

function fields.state(name, id)
  if isThere(id) then return end
  M.found('stale_data', id, 'There is a ' .. name .. ' of it, but it is not there', function()
    redis.call('HDEL', R .. name, id)
  end)
end
fields.told = fields.state

function fields.claims(_, id, claim)
  if id == M.sentinel then return end
  local server = string.match(claim, '^%d+|%-?%d+[|!*]%d+|[^|]*|([^|]*)|[^|]*|[^|]*|%d%d')
  local function drop()
    redis.call('HDEL', R .. 'claims', id)
    local servers = server and { server } or redis.call('ZRANGE', R .. 'servers', 0, -1)
    for i = 1, #servers do redis.call('ZREM', R .. 'leases:' .. servers[i], id) end
  end
  local job = M.look(id)
  if not job then return M.found('stale_entry', id, 'claims has it, but it is not there', drop) end
  if job.isBroken then return end
  if job.status ~= 'p' then
    return M.found('double_entry', id, 'claims has it, but it is ' .. M.statuses[job.status], drop)
  end
  if not server then
    return M.found('lost_lease', id, 'Its claim cannot be read, so that nobody would take it back', function()
      drop()
      M.place(job)
    end)
  end
  if M.hasLimits() then M.checkSlots(id, job.lane) end
  local ends = redis.call('ZSCORE', R .. 'leases:' .. server, id)
  if not ends or ends == 'inf' then
    M.found('lost_lease', id, "'" .. server .. "' holds it, but " .. (ends and 'its lease does not end' or 'has no lease'),
      function()
        redis.call('ZADD', R .. 'leases:' .. server, nows, id, 'inf', M.sentinel)
        redis.call('ZADD', R .. 'servers', 'NX', nows, server)
      end)
  elseif not redis.call('ZSCORE', R .. 'servers', server) then
    M.found('lost_lease', id, "'" .. server .. "' holds it, but servers does not name it, so that nobody would look",
      function() redis.call('ZADD', R .. 'servers', 'NX', nows, server) end)
  end
end

function fields.locks(_, key, id)
  local job = M.look(id)
  if job and (job.isBroken or string.match(job.flags, ';u([^;,]*),') == key) then return end
  local text = job and 'the record does not say so' or 'it is not there'
  M.found('dangling_key', id, "It owns the key '" .. key .. "', but " .. text, function()
    redis.call('HDEL', R .. 'locks', key)
  end)
end

function fields.relay(_, id, text)
  if not M.onlyKid(redis.call('HGET', R .. 'family', id)) and redis.call('EXISTS', R .. 'kids:' .. id) == 0 then
    return M.found('stale_edge', id, 'Its children are to be told something, but it has none', function()
      redis.call('HDEL', R .. 'relay', id)
      M.leaveKin({ id }, { redis.call('HGET', R .. 'jobs', id) })
      redis.call('HDEL', R .. 'family', id)
    end)
  end
  for line in string.gmatch(text .. '\n', '([^\n]*)\n') do
    if not string.find(line, '^[ofr][^|]*|%d+|%d+$') then
      return M.found('stale_edge', id, 'What its children are to be told cannot be read: ' .. line, function()
        local what = M.tellingOf(id)
        if what then redis.call('HSET', R .. 'relay', id, what .. '|0|' .. (redis.call('GET', R .. 'seq') or '0')) else redis.call('HDEL', R .. 'relay', id) end
      end)
    end
  end
end

-- Servers that beat are known, and so are those that hold something; if Redis was emptied, a little later.
function fields.startMarks(_, field, mark)
  local server, fence = string.match(field, '^([^|]*)|[^|]*$'), string.match(mark, '^%d+$')
  local isOld = fence and us - tonumber(fence) > 3600e6
  if server and fence and not (isOld and not redis.call('ZSCORE', R .. 'servers', server)) then return end
  local text = server and fence and ' is of a server that is not there' or ' cannot be read: ' .. mark
  M.found('stale_data', nil, "What is said of the starts of '" .. field .. "'" .. text, function()
    redis.call('HDEL', R .. 'startMarks', field)
  end)
end

-- A job for which others wait must be among those with children; of others, one with its id may have had them.
local function checkKin(id)
  local job = M.look(id)
  if not job or job.isBroken or redis.call('ZSCORE', R .. 'kin:' .. job.pair, id) then return end
  local kids = M.kidsOf(id, '0', '+inf', 10)
  for i = 1, #kids, 2 do
    if redis.call('ZSCORE', R .. 'pend:' .. kids[i], id) then
      return M.found('lost_entry', id, 'It has children, but kin:' .. job.pair .. ' has it not', function() M.enlist({ id }) end)
    end
  end
end

function fields.family(_, id, only)
  local kid = M.onlyKid(only)
  if kid and M.hasParent(id) or not kid and redis.call('EXISTS', R .. 'kids:' .. id) == 1 then return checkKin(id) end
  M.found('stale_edge', id, kid and 'family has a child of it, but it is not there' or 'family has it, but it has no children', function()
    M.leaveKin({ id }, { redis.call('HGET', R .. 'jobs', id) })
    redis.call('HDEL', R .. 'family', id)
  end)
end
