--! does: Ends jobs one by one.
--! keys: f: finals jobs k over purge state

local ends = { c = 'completed', d = 'dead_letter', x = 'canceled', t = 'stopped' }

-- Ends one job: writes its state, keeps it as its retention says, and tells its children.
-- number: its place in the order in which jobs ended.
function M.finish(id, status, state, lane, sep, number)
  local kin = M.hasKin()
  if M.hears() then M.event(status, id, status, (M.parts(lane)), status ~= 'c' and M.reason(state) or nil) end
  if kin then M.untold[id] = true end
  M.retain(id, status, state, lane, sep, number)
  if kin then M.endedKids(id, status == 'c', 'ended as ' .. ends[status]) end
end

-- Counts a job that ended among those of its pair and status that have a number of their own; of the
-- oldest above its number at most 16 go, and prune takes the rest.
local function count(status, pair, number, id, most)
  local name = 'k' .. status .. ':' .. pair
  redis.call('ZADD', R .. name, number, id)
  local above = redis.call('ZCARD', R .. name) - most
  if above > 16 then redis.call('ZADD', R .. 'over', string.format('%d', most), name)
  else redis.call('ZREM', R .. 'over', name) end
  M.removeCounted(name, above < 16 and above or 16)
end

-- The same without a word to its children.
function M.retain(id, status, state, lane, sep, number)
  local pair = M.parts(lane)
  M.note(status, pair, M.mark or M.unmarked)
  M.mark = false
  local keep, own, most = status == 'c' and M.keepCompleted or M.keepFailed, false, nil
  if sep ~= '|' then
    local record = redis.call('HGET', R .. 'jobs', id)
    local flags = record and string.match(record, '^%d+|%d%d|([^|]*)|') or ''
    local limit = string.match(flags, status == 'c' and ';c(%-?%d+);' or ';f(%-?%d+);')
    if limit then keep, own = tonumber(limit), true end
    most = tonumber(string.match(flags, ';k(%d+);') or nil)
    if most then
      own = true
      if most == 0 then keep = 0 end
    end
    if status == 'd' and string.find(flags, ';n;', 1, true) then keep = 0 end
  end
  if keep == 0 then return M.removeEnded(id, state) end
  redis.call('HSET', R .. 'state', id, state)
  if status == 'c' and not own then
    local length = redis.call('LPUSH', R .. 'f:' .. pair, string.format('%d', number) .. sep .. id)
    if length == 1 then
      redis.call('ZADD', R .. 'finals', string.format('%d', number), pair)
      M.know(pair)
    end
    M.trim(pair, length, 16)
    return
  end
  local name = 'g' .. status .. ':' .. pair
  redis.call('ZADD', R .. name, string.format('%d', number), id)
  M.know(pair)
  if keep > 0 then redis.call('ZADD', R .. 'purge', string.format('%d', now + keep), id) end
  if most then count(status, pair, string.format('%d', number), id, most) end
  local above = redis.call('ZCARD', R .. name) - M.maxCount
  if above > 0 then
    local oldest = redis.call('ZRANGE', R .. name, 0, (above < 16 and above or 16) - 1)
    for i = 1, #oldest do M.removeRetained(name, oldest[i]) end
  end
end
