--! does: Delayed jobs: zsets d:pair (scheduled) and r:pair (retry) of `PP sep id` by due time, and
--!   `due`, the earliest due time of each of them. sep as in a lane; '^', '&' and '@' for '|',
--!   '!' and '*' of a job that goes to the front.
--! keys: due family limits listen looks paused tombs waits

-- Whether there is no delayed job, no tombstone, nothing paused, no job with children, no limit, nobody who
-- waits for the end of a job and nobody who listens: one question instead of seven for most calls. Who adds one
-- of them says M.quiet = false. Else M.quiet is how many of them there are.
function M.isQuiet()
  if M.quiet == 'unknown' then
    M.quiet = redis.call('EXISTS', R .. 'due', R .. 'tombs', R .. 'waits', R .. 'paused', R .. 'family', R .. 'listen',
      R .. 'limits', R .. 'looks')
  end
  return M.quiet == 0
end

M.kin = 'unknown'

-- Whether any job has children: nobody asks where isQuiet knows that none has.
function M.hasKin()
  if M.kin == 'unknown' then M.kin = not M.isQuiet() and redis.call('EXISTS', R .. 'family') == 1 end
  return M.kin
end

-- Whether somebody listens to what happens.
function M.hears()
  if M.hearing == 'unknown' then M.hearing = not M.isQuiet() and redis.call('EXISTS', R .. 'listen') == 1 end
  return M.hearing
end

M.limits = 'unknown'

-- Whether there are rules, or jobs that stand aside for one that was removed.
function M.hasLimits()
  if M.limits == 'unknown' then M.limits = not M.isQuiet() and redis.call('EXISTS', R .. 'limits', R .. 'looks') > 0 end
  return M.limits
end

function M.nextDue()
  return tonumber(redis.call('ZRANGE', R .. 'due', 0, 0, 'WITHSCORES')[2])
end
