--! does: Checks a part of a lane, or of a list of completed jobs, entry by entry.
--! uses: base digits numbers names wake lane due final state status kin family finish remove delay put enter kids promote tomb doctor doctor_list doctor_index tape
--! lazy: fold event
--! args: 6 '1' to repair; 7 name of the list; 8 place or number of the entry before, or ''; 9 most entries
--! reply: tag, entries looked at, findings, place or number from which to go on ('' at the end)
--! cost: O(entries + log n); O(n) if some are taken out
--! keys: gc: l:
local name, cursor, count = ARGV[7], ARGV[8], tonumber(ARGV[9])
local key, isLane, own = R .. name, string.sub(name, 1, 2) == 'l:', string.sub(name, 3)
local sign = isLane and 1 or -1
local start = M.after(name, cursor)
-- One more than asked for, to see what comes after the last.
local entries = redis.call('LRANGE', key, start, start + count)
local n = #entries > count and count or #entries
local before, moved, isCut = tonumber(cursor), {}, false
M.checked = n

-- Taken out at the end, all at once: the list is gone through only once.
local function cut(i)
  redis.call('LSET', key, start + i - 1, '\n')
  isCut = true
end

-- What is wrong with the entry of a job at its place: kind and text, or nil.
local function wrong(id, job)
  if not job then return 'stale_entry', 'it is not there' end
  if isLane then
    if job.status ~= 'w' then return 'stale_entry', 'it is ' .. M.statuses[job.status] end
    if job.lane ~= own then return 'stale_entry', 'it belongs to l:' .. job.lane end
    if M.isParked(job) then return 'double_entry', 'p:' .. own .. ' has it too' end
  else
    if job.status ~= 'c' then return 'stale_entry', 'it is ' .. M.statuses[job.status] end
    if job.pair ~= own then return 'stale_entry', 'it belongs to f:' .. job.pair end
    if redis.call('ZSCORE', R .. 'gc:' .. own, id) then return 'double_entry', 'gc:' .. own .. ' has it too' end
  end
end

-- Whether an entry stands before one that should be before it, or behind one that should be behind it.
local function isAstray(i, place)
  local own, next = sign * place, entries[i + 1] and M.placeOf(entries[i + 1])
  if before and own <= sign * before then return true end
  return next and own >= sign * next and (not before or sign * next > sign * before)
end

for i = 1, n do
  local place, id = M.placeOf(entries[i])
  if not place then
    M.found('stale_entry', nil, name .. " has '" .. entries[i] .. "', which is no entry", function() cut(i) end)
  else
    local isRight, kind, text = not isAstray(i, place), nil, nil
    if M.isAlive(name, id, place) then
      local job = M.look(id)
      if not (job and job.isBroken) then kind, text = wrong(id, job) end
      if kind then
        M.found(kind, id, name .. ' has it, but ' .. text, function() cut(i) end)
      elseif not isRight and not job.isBroken then
        M.found('stale_entry', id, name .. ' has it at a place that is not in order', function()
          cut(i)
          moved[#moved + 1] = job
        end)
      end
    end
    if isRight then before = place end
  end
end
if isCut then redis.call('LREM', key, 0, '\n') end
for i = 1, #moved do
  local job = moved[i]
  if isLane then M.place(job)
  else redis.call('LPUSH', key, string.format('%d', M.numbers(1)) .. '!' .. job.id) end
end
if redis.call('EXISTS', key) == 1 then
  if isLane then
    M.checkLane(own)
  else
    M.checkPair(own, name)
    M.checkFinals(own)
  end
end
M.wakeOpened()
local isEnd = #entries <= count or not before or before == tonumber(cursor)
return M.verdict(isEnd and '' or string.format('%d', before))
