--! does: Unique keys: `locks`, the newest job with each key, its owner. Whether it keeps others out is
--!   found out when someone asks: by its flag `;ukey,until,ttl;`, until: s started, f finished, r removed.
--! keys: jobs locks

local function isOver(record, ttl)
  return ttl ~= '' and string.match(record, '^%d+') + ttl <= now
end

-- The job that keeps others with a key out, its record, status and state; nil if there is none.
function M.liveOwner(key)
  local id = redis.call('HGET', R .. 'locks', key)
  local record = id and redis.call('HGET', R .. 'jobs', id)
  if not record then return nil end
  local name, till, ttl = string.match(record, '^%d+|%d%d|[^|]*;u([^;,|]*),(%a),(%d*);')
  if name ~= key or isOver(record, ttl) then return nil end
  local status, state = M.statusOf(id, record)
  local final = string.find('cdxt', status, 1, true)
  if till ~= 'r' and final then return nil end
  if till == 's' and (status == 'p' or state and not string.find(state, '^%w|%d+|0|')) then return nil end
  return id, record, status, state
end

-- Whether a final job makes room for a new one with its id; room: until and ttl of the new one, or ''.
function M.makesRoom(room, record, status)
  if room == '' or not string.find('cdxt', status, 1, true) then return false end
  return string.sub(room, 1, 1) ~= 'r' or isOver(record, string.sub(room, 2))
end
