--! does: Removes final jobs wherever they stand in their list.
--! keys: f: g

-- The entry of a completed job in an f list, and its index. Numbers fall along the list, and that of
-- a job is not below the time of its end in µs, nor far above.
local function find(key, id, state)
  local _, _, _, attempts = M.past(state)
  local from = (string.match(attempts, '.*\n%w|(%d+)|') or 0) * 1000
  local low, high = -1, redis.call('LLEN', key)
  while high - low > 1 do
    local mid = math.floor((low + high) / 2)
    if tonumber(string.match(redis.call('LINDEX', key, mid), '^%d+') or 0) >= from then low = mid else high = mid end
  end
  for last = low, 0, -100 do
    local first = last > 99 and last - 99 or 0
    local entries = redis.call('LRANGE', key, first, last)
    for i = #entries, 1, -1 do
      if string.sub(entries[i], (string.find(entries[i], '[|!*]') or 0) + 1) == id then return entries[i], first + i - 1 end
    end
  end
end

-- pair: 'queue|type' of the job.
function M.dropFinal(id, pair, state)
  local status = string.sub(state, 1, 1)
  local name = 'g' .. status .. ':' .. pair
  if status ~= 'c' or redis.call('ZSCORE', R .. name, id) then return M.removeRetained(name, id) end
  local key = R .. 'f:' .. pair
  local entry, index = find(key, id, state)
  if entry then redis.call('LREM', key, 2 * index < redis.call('LLEN', key) and 1 or -1, entry) end
  M.remove(id)
end
