--! does: Delayed jobs: zsets d:pair (scheduled) and r:pair (retry) of `PP sep id` by due time, and
--!   `due`, the earliest due time of each of them. sep as in a lane; '^' and '&' for '|' and '!'
--!   of a job that goes to the front.
--! keys: due tombs waits

-- Whether there is no delayed job, no tombstone and nobody who waits for the end of a job: one
-- question instead of three for most calls. Who adds one of them says M.quiet = false.
function M.isQuiet()
  if M.quiet == 'unknown' then
    M.quiet = redis.call('EXISTS', R .. 'due', R .. 'tombs', R .. 'waits') == 0
  end
  return M.quiet
end

function M.nextDue()
  return tonumber(redis.call('ZRANGE', R .. 'due', 0, 0, 'WITHSCORES')[2])
end
