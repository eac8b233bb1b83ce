--! does: Final jobs: f:pair, a list of `number sep id`, newest first, of completed jobs with the
--!   default retention; zsets gS:pair by number of all others, S being the status; `purge`, ids of
--!   the latter by the time at which they go; `finals`, the f lists by the number of their oldest.
--! args: 3 completedMs, 4 failedMs, 5 maxCount.
--! keys: f: final waits
M.keepCompleted, M.keepFailed, M.maxCount = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])

-- Takes at most `limit` of the oldest from an f list: those above the count, or too old.
function M.trim(pair, length, limit)
  local key, n, keepCompleted, maxCount = R .. 'f:' .. pair, 0, M.keepCompleted, M.maxCount
  if length > maxCount then
    n = length - maxCount < limit and length - maxCount or limit
  elseif keepCompleted >= 0 then
    local oldest = redis.call('LINDEX', key, -1)
    if oldest and math.floor((string.match(oldest, '^%d+') or 0) / 1000) + keepCompleted <= now then
      local tail = redis.call('LRANGE', key, -limit, -1)
      for i = #tail, 1, -1 do
        if math.floor((string.match(tail[i], '^%d+') or 0) / 1000) + keepCompleted > now then break end
        n = n + 1
      end
    end
  end
  if n > 0 then M.removeEntries(redis.call('RPOP', key, n), pair) end
  return n
end

-- Tells those who wait for the end of jobs.
function M.announce(ids)
  if #ids == 0 or M.isQuiet() or redis.call('EXISTS', R .. 'waits') == 0 then return end
  local waited = redis.call('ZMSCORE', R .. 'waits', unpack(ids))
  for i = 1, #ids do
    if waited[i] then
      redis.call('PUBLISH', R .. 'final', ids[i])
      redis.call('ZREM', R .. 'waits', ids[i])
    end
  end
end
