--! does: Delayed jobs: zsets d:pair (scheduled) and r:pair (retry) of `PP sep id` by due time, and
--!   `due`, the earliest due time of each of them. sep as in a lane; '^', '&' and '@' for '|',
--!   '!' and '*' of a job that goes to the front.
--! keys: due family paused tombs waits

-- Whether there is no delayed job, no tombstone, nothing paused, no job with children and nobody who
-- waits for the end of a job: one question instead of five for most calls. Who adds one of them says
-- M.quiet = false. Else M.quiet is how many of the five there are.
function M.isQuiet()
  if M.quiet == 'unknown' then
    M.quiet = redis.call('EXISTS', R .. 'due', R .. 'tombs', R .. 'waits', R .. 'paused', R .. 'family')
  end
  return M.quiet == 0
end

M.kin = 'unknown'

-- Whether any job has children: nobody asks where isQuiet knows that none has.
function M.hasKin()
  if M.kin == 'unknown' then M.kin = not M.isQuiet() and redis.call('EXISTS', R .. 'family') == 1 end
  return M.kin
end

function M.nextDue()
  return tonumber(redis.call('ZRANGE', R .. 'due', 0, 0, 'WITHSCORES')[2])
end
