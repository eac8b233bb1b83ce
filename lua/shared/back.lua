--! does: Puts an entry back to its old place: lanes stay in the order of their sequence.
--! keys: l:
function M.back(lane, seq, sep, id)
  local key, entry, s = R .. 'l:' .. lane, seq .. sep .. id, tonumber(seq)
  local n = redis.call('LLEN', key)
  local function at(i) return tonumber(string.match(redis.call('LINDEX', key, i), '^%-?%d+')) end
  if n == 0 then
    redis.call('RPUSH', key, entry)
    M.open(lane, s)
  elseif s < at(0) then
    redis.call('LPUSH', key, entry)
    M.open(lane, s)
  elseif s > at(-1) then
    redis.call('RPUSH', key, entry)
  else
    local low, high = 0, n - 1 -- at(low) <= s < at(high)
    while high - low > 1 do
      local mid = math.floor((low + high) / 2)
      if at(mid) > s then high = mid else low = mid end
    end
    redis.call('LINSERT', key, 'BEFORE', redis.call('LINDEX', key, high), entry)
  end
end
