--! does: Checks what is kept for limits: slots stand for claims, and claims have theirs; parked jobs are ready, and wait
--!   for nothing that is there.
--! keys: claims jobs l: limits looks p: parked pk: slots:
local members = M.members

-- Lane and, if it has one, key of what a claim is on; nil if nobody holds it.
local function claimed(id)
  local claim = redis.call('HGET', R .. 'claims', id)
  if not claim then return nil end
  local _, _, _, _, lane = M.readClaim(claim)
  return lane or '', M.keyOf(redis.call('HGET', R .. 'jobs', id)) or ''
end

local function kindOf(lane) return string.sub(lane, (string.find(lane, '|', 1, true) or -2) + 3) end

-- Whether a claim counts for a rule; gives what stands for it there.
local function slotOf(ruleName, id, lane, key)
  local what, of = string.sub(ruleName, 1, 2), string.sub(ruleName, 3)
  if what == 't:' then return kindOf(lane) == of and '\n' .. id end
  if what == 'k:' then return key == of and '\n' .. id end
  return key ~= '' and kindOf(lane) == of and key .. '\n' .. id
end

function members.slots(name, member)
  local ruleName, id = string.sub(name, 7), string.match(member, '\n(.*)$')
  local lane, key = claimed(id or '')
  if lane == '' or lane and slotOf(ruleName, id, lane, key) == member and redis.call('HEXISTS', R .. 'limits', ruleName) == 1 then
    return
  end
  M.found('wrong_slot', id, name .. ' counts it, but ' .. (lane and 'it is no concern of that' or 'nobody holds it'), function()
    redis.call('ZREM', R .. name, member)
    local what, of = string.sub(ruleName, 1, 2), string.sub(ruleName, 3)
    if what == 't:' then M.freeKind(of) else M.freeKey(what == 'k:' and of or string.match(member, '^[^\n]*')) end
  end)
end

-- A claim must be counted by each rule that concerns it.
function M.checkSlots(id, lane)
  local key = M.keyOf(redis.call('HGET', R .. 'jobs', id))
  local names = { 't:' .. kindOf(lane) }
  if key then names[2], names[3] = 'k:' .. key, 'p:' .. kindOf(lane) end
  for i = 1, #names do
    local slot = slotOf(names[i], id, lane, key or '')
    if redis.call('HEXISTS', R .. 'limits', names[i]) == 1 and not redis.call('ZSCORE', R .. 'slots:' .. names[i], slot) then
      M.found('wrong_slot', id, 'It is processing, but slots:' .. names[i] .. ' does not count it', function()
        redis.call('ZADD', R .. 'slots:' .. names[i], 0, slot)
      end)
    end
  end
end

-- Parked jobs of a lane.
function members.p(name, id)
  local job, lane = M.look(id), string.sub(name, 3)
  if job and job.isBroken then return end
  local key = job and M.keyOf(job.record)
  local text = not job and 'it is not there' or job.status ~= 'w' and 'it is ' .. M.statuses[job.status]
    or job.lane ~= lane and 'it belongs to ' .. job.lane or not key and 'it has no key'
  if text then
    return M.found('stale_entry', id, name .. ' has it, but ' .. text, function() redis.call('ZREM', R .. name, id) end)
  end
  local line = key .. '\n' .. lane
  if redis.call('ZSCORE', R .. 'pk:' .. line, id) and redis.call('ZSCORE', R .. 'parked', line) then return end
  M.found('lost_entry', id, 'It is parked, but its key does not know of it', function()
    redis.call('ZADD', R .. 'pk:' .. line, redis.call('ZSCORE', R .. name, id), id)
    redis.call('ZADD', R .. 'parked', 0, line)
    M.freeKey(key)
  end)
end

function members.pk(name, id)
  local lane = string.match(name, '\n(.*)$') or ''
  if redis.call('ZSCORE', R .. 'p:' .. lane, id) then return end
  M.found('stale_entry', id, name .. ' has it, but p:' .. lane .. ' has it not', function() redis.call('ZREM', R .. name, id) end)
end

-- Whether a look that is due concerns a key.
local function isLookedAt(key)
  local at = redis.call('ZSCORE', R .. 'looks', 'k:' .. key)
  if at and tonumber(at) <= now then return true end
  return #redis.call('ZRANGEBYSCORE', R .. 'looks', '-inf', nows, 'LIMIT', 0, 1) > 0
end

-- The first jobs of a key stand in their lane, as many as there is room for.
function members.parked(name, line)
  local key, lane = string.match(line, '^([^\n]*)\n(.*)$')
  local head = key and redis.call('ZRANGE', R .. 'pk:' .. line, 0, 0, 'WITHSCORES') or {}
  if not head[1] then
    return M.found('stale_entry', nil, name .. ' names a line in which nothing is parked', function()
      redis.call('ZREM', R .. name, line)
    end)
  end
  local meter = M.keyMeter(kindOf(lane), key)
  local room = meter and M.room(meter) or 1
  if room == 0 or isLookedAt(key) then return end
  local entries, before = redis.call('LRANGE', R .. 'l:' .. lane, 0, 999), 0
  for i = 1, #entries do
    local place, id = M.placeOf(entries[i])
    if place and place < tonumber(head[2]) and M.keyOf(redis.call('HGET', R .. 'jobs', id)) == key
      and M.isAlive('l:' .. lane, id, place) then before = before + 1 end
  end
  if before >= room or #entries == 1000 and M.placeOf(entries[1000]) and M.placeOf(entries[1000]) < tonumber(head[2]) then return end
  M.found('stuck_job', head[1], 'It is parked, but its key has room, and nothing would tell it', function() M.freeKey(key) end)
end
