--! does: Ready jobs that stand aside until their key has room: a claim that meets one parks it, so that no other meets
--!   it again. p:LANE has those of a lane, pk:KEY NL LANE those of one key in it, both by place; `parked` each
--!   `key NL lane`. When a key gets room, as many of each lane go back as there is room for: so its first jobs
--!   always stand in their lanes, as many as may run. `looks`: `k:KEY`, `t:TYPE` or `a:LINE` (all from that line on)
--!   by the time to see whether there is room. blocked:TYPE: pairs whose jobs were met when the type had no room.
--! keys: blocked: expire jobs l: looks p: parked pk: prios: slots: state
M.waiting, M.earlier = {}, false

local function kindOf(lane) return string.sub(lane, string.find(lane, '|', 1, true) + 3) end

local function freed()
  if not M.freed then M.freed = { kinds = {}, keys = {}, slots = {}, tell = M.tellRoom } end
  return M.freed
end

-- Says when to look; pair: one of those that it is about.
function M.lookAt(name, ms, pair)
  local head = redis.call('ZRANGE', R .. 'looks', 0, 0, 'WITHSCORES')[2]
  redis.call('ZADD', R .. 'looks', 'LT', string.format('%d', now + ms), name)
  M.quiet = false
  if pair and (not head or now + ms < tonumber(head)) then M.earlier = pair end
end

local function lookLater(key, meter, lane)
  local ms = M.untilMore(meter)
  if ms then M.lookAt('k:' .. key, ms, (M.parts(lane))) end
end

-- Parks a job that was taken from its lane if its key has no room; tells whether. Else it counts.
function M.parks(id, record, lane, place)
  local key = M.keyOf(record)
  if not key then return false end
  local kind, line = kindOf(lane), key .. '\n' .. lane
  local meter = M.keyMeter(kind, key)
  if meter and M.room(meter) == 0 then
    redis.call('ZADD', R .. 'p:' .. lane, place, id)
    redis.call('ZADD', R .. 'pk:' .. line, place, id)
    redis.call('ZADD', R .. 'parked', 0, line)
    local x = string.match(record, '^%d+|%d%d|[^|]*;x(%d+);')
    local _, made = M.past(x and redis.call('HGET', R .. 'state', id))
    if x and made == 0 then redis.call('ZADD', R .. 'expire', x, id) end
    lookLater(key, meter, lane)
    return true
  end
  M.enterSlot('k:' .. key, '\n' .. id)
  M.enterSlot('p:' .. kind, key .. '\n' .. id)
  if meter then
    M.spend(meter)
    local others = meter.rule.ms
      and redis.call('ZRANGEBYLEX', R .. 'parked', '[' .. key .. '\n', '(' .. key .. '\v', 'LIMIT', 0, 1)[1]
    if others then lookLater(key, meter, lane) end
  end
  return false
end

-- Takes a parked job away; false if it is not parked.
function M.unpark(id, lane, key)
  if redis.call('ZREM', R .. 'p:' .. lane, id) == 0 then return false end
  local line = key .. '\n' .. lane
  redis.call('ZREM', R .. 'pk:' .. line, id)
  if redis.call('EXISTS', R .. 'pk:' .. line) == 0 then redis.call('ZREM', R .. 'parked', line) end
  return true
end

-- Puts parked jobs of a key back, as many of each lane as there is room for.
function M.putBack(key)
  local lines = redis.call('ZRANGEBYLEX', R .. 'parked', '[' .. key .. '\n', '(' .. key .. '\v', 'LIMIT', 0, 1000)
  for i = 1, #lines do
    local line = lines[i]
    local lane = string.sub(line, #key + 2)
    local meter = M.keyMeter(kindOf(lane), key)
    local room = meter and M.room(meter) or 1000
    local most = room < 100 and room or 100
    local found = most > 0 and redis.call('ZRANGE', R .. 'pk:' .. line, 0, most - 1, 'WITHSCORES') or {}
    local ids = {}
    for k = 1, #found, 2 do ids[#ids + 1] = found[k] end
    if #ids > 0 then
      redis.call('ZREM', R .. 'p:' .. lane, unpack(ids))
      redis.call('ZREM', R .. 'pk:' .. line, unpack(ids))
      local states = redis.call('HMGET', R .. 'state', unpack(ids))
      for k = #ids, 1, -1 do M.back(lane, string.format('%d', found[2 * k]), states[k] and '*' or '!', ids[k]) end
    end
    if #ids < most and redis.call('EXISTS', R .. 'pk:' .. line) == 0 or #ids == most and redis.call('ZCARD', R .. 'pk:' .. line) == 0 then
      redis.call('ZREM', R .. 'parked', line)
    elseif room > 100 then
      M.lookAt('k:' .. key, 0, (M.parts(lane)))
    elseif meter then
      lookLater(key, meter, lane)
    end
  end
end

-- A job that was claimed is let go of; sep as in its claim.
function M.endClaim(id, lane, sep)
  local kind, list = kindOf(lane), freed()
  local function add(name, member)
    local slots = list.slots[name]
    if slots then slots[#slots + 1] = member else list.slots[name] = { member } end
  end
  list.kinds[kind] = true
  add('t:' .. kind, '\n' .. id)
  local key = sep ~= '|' and M.keyOf(redis.call('HGET', R .. 'jobs', id))
  if not key then return end
  list.keys[key] = true
  add('k:' .. key, '\n' .. id)
  add('p:' .. kind, key .. '\n' .. id)
end

-- A key, or a type, may have room: those that wait are looked at by giveFreed, or told by tellRoom.
function M.freeKey(key) freed().keys[key] = true end
function M.freeKind(kind) freed().kinds[kind] = true end

-- Gives what got free to those that wait for it.
function M.giveFreed()
  local list = M.freed
  if not list then return end
  for name, members in pairs(list.slots) do
    if M.ruleOf(name) then redis.call('ZREM', R .. 'slots:' .. name, unpack(members)) end
  end
  for _, meter in pairs(M.meters) do
    if meter then meter.running = nil end
  end
  local keys = list.keys
  list.slots, list.keys = {}, {}
  for key in pairs(keys) do M.putBack(key) end
end

local function hasJobs(pair)
  local p = string.find(pair, '|', 1, true)
  local queue, names = string.sub(pair, 1, p - 1), {}
  local prios = redis.call('SMEMBERS', R .. 'prios:' .. queue)
  for i = 1, #prios do names[i] = R .. 'l:' .. queue .. '|' .. prios[i] .. string.sub(pair, p + 1) end
  return #names > 0 and redis.call('EXISTS', unpack(names)) > 0
end

-- Wakes one waiter for each slot of a type that got free and still is, and one for a look that comes earlier.
function M.tellRoom()
  M.giveFreed()
  for kind in pairs(M.freed.kinds) do
    local meter = M.typeMeter(kind)
    local room = meter and M.room(meter) or 100
    for _ = 1, room < 100 and room or 100 do
      local pair
      repeat pair = redis.call('SPOP', R .. 'blocked:' .. kind) until not pair or hasJobs(pair)
      if not pair then break end
      M.wake(pair, 'r')
    end
  end
  if M.earlier then M.wake(M.earlier, 'd') end
end

-- Takes the looks that are due.
function M.lookAround()
  local names = redis.call('ZRANGEBYSCORE', R .. 'looks', '-inf', nows, 'LIMIT', 0, 256)
  if #names == 0 then return end
  redis.call('ZREM', R .. 'looks', unpack(names))
  for i = 1, #names do
    local what, rest = string.sub(names[i], 1, 2), string.sub(names[i], 3)
    if what == 'k:' then M.putBack(rest) elseif what == 't:' then M.freeKind(rest) else M.lookAtSome(rest) end
  end
end

-- Looks at the parked jobs of some keys, from the line after one on ('': the first).
function M.lookAtSome(after)
  local lines = redis.call('ZRANGEBYLEX', R .. 'parked', after == '' and '-' or '(' .. after, '+', 'LIMIT', 0, 256)
  local last
  for i = 1, #lines do
    local key = string.match(lines[i], '^[^\n]*')
    if key ~= last then M.putBack(key) end
    last = key
  end
  if #lines == 256 then M.lookAt('a:' .. lines[256], 0) end
end

-- Whether a type has no room for jobs of a lane; notes then that some wait.
function M.isFull(queue, member)
  local kind = string.sub(member, 3)
  local meter = M.typeMeter(kind)
  if not meter or M.room(meter) > 0 then return false end
  local list = M.waiting[kind]
  if not list then list = {} M.waiting[kind] = list end
  list[queue .. '|' .. kind] = true
  return true
end

-- How many jobs of a lane may be claimed now, by its type.
function M.roomIn(member)
  local meter = M.typeMeter(string.sub(member, 3))
  return meter and M.room(meter) or math.huge
end

-- Writes which jobs were met whose types have no room; and when there is a token, for a claim that was not filled.
function M.noteWaiting(isFilled)
  for kind, list in pairs(M.waiting) do
    for pair in pairs(list) do redis.call('SADD', R .. 'blocked:' .. kind, pair) end
    local ms = not isFilled and M.untilMore(M.typeMeter(kind))
    if ms then M.lookAt('t:' .. kind, ms) end
  end
end
