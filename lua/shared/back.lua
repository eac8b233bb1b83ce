--! does: Puts an entry back to its old place: lanes stay in the order of their sequence.
--! keys: l: seq
function M.back(lane, seq, sep, id)
  local s = tonumber(seq) or redis.call('INCR', R .. 'seq') -- without a place it goes to the end
  local key, entry = R .. 'l:' .. lane, string.format('%d', s) .. sep .. id
  local n = redis.call('LLEN', key)
  local function at(i) return tonumber(string.match(redis.call('LINDEX', key, i), '^%-?%d+') or -math.huge) end
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
