--! does: Delayed jobs: zsets d:pair (scheduled) and r:pair (retry) of `PP sep id` by due time, and
--!   `due`, the earliest due time of each of them. sep as in a lane; '^' and '&' for '|' and '!'
--!   of a job that goes to the front.
--! keys: due

function M.nextDue()
  return tonumber(redis.call('ZRANGE', R .. 'due', 0, 0, 'WITHSCORES')[2])
end
