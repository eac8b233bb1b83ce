--! does: Takes apart what says who holds a job, and what says where it belongs.
--! keys: jobs

-- Place, time, server, pool and lane of a claim; nil if it cannot be read.
function M.readClaim(claim)
  return string.match(claim, '^%d+|(%-?%d+)[|!*](%d+)|[^|]*|([^|]*)|([^|]*)|([^|]*|%d%d.*)$')
end

-- The lane of a job by its record; nil if that cannot be read.
function M.laneOf(id)
  local record = redis.call('HGET', R .. 'jobs', id) or ''
  local prio, queue, kind = string.match(record, '^%d+|(%d%d)|[^|\n]*|([^|\n]*)|([^\n]*)\n')
  return prio and queue .. '|' .. prio .. kind
end
