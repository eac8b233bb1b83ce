--! does: Puts an entry back to its old place: lanes stay in the order of their sequence.
--! keys: l:
local function back(lane, seq, sep, id)
  local key, entry, s = R .. 'l:' .. lane, seq .. sep .. id, tonumber(seq)
  local n = call('LLEN', key)
  local function at(i) return tonumber(match(call('LINDEX', key, i), '^%-?%d+')) end
  if n == 0 then
    call('RPUSH', key, entry)
    open(lane, s)
  elseif s < at(0) then
    call('LPUSH', key, entry)
    open(lane, s)
  elseif s > at(-1) then
    call('RPUSH', key, entry)
  else
    local low, high = 0, n - 1 -- at(low) <= s < at(high)
    while high - low > 1 do
      local mid = floor((low + high) / 2)
      if at(mid) > s then high = mid else low = mid end
    end
    call('LINSERT', key, 'BEFORE', call('LINDEX', key, high), entry)
  end
end
