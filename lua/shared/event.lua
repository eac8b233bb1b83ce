--! does: What happens, for those who listen. `listen` is the number of the last event, and is there only while somebody
--!   listens; `events` is a list of the newest ones, each as
--!     kind|ms|id|status|queue|type
--!   and a line with what more there is to say. kind: n created, w ready, s scheduled, p started, u progress, r retry,
--!   k released, l lost, c d x t final, v revived, g removed, P paused, R resumed. status: of the job afterwards, '-' for none.
--! keys: event events evwait jobs listen

-- For scripts that would not ask: a field of `jobs`, which they read anyway, says that somebody listens, or did.
function M.heardBy()
  M.hearing = redis.call('EXISTS', R .. 'listen') == 1
  if not M.hearing then redis.call('HDEL', R .. 'jobs', '\nlisten') end
end

-- Notes what happened to a job; it is told with the others at the end of the call.
function M.event(kind, id, status, pair, more)
  local list = M.events
  if not list then
    list = {}
    M.events = list
  end
  list[#list + 1] = kind .. '|' .. nows .. '|' .. id .. '|' .. status .. '|' .. pair
    .. (more and '\n' .. string.sub(more, 1, 1300) or '')
end

-- Why a job ended, as its state says: its last line.
function M.reason(state)
  return string.match(state, '\n([^\n]*)$')
end

function M.tellEvents()
  local list = M.events
  local n, key = #list, R .. 'events'
  M.events = false
  redis.call('INCRBY', R .. 'listen', n)
  for from = 1, n, 1000 do
    local length = redis.call('RPUSH', key, unpack(list, from, from + 999 < n and from + 999 or n))
    if length <= 1000 then redis.call('PEXPIRE', key, 60000) end
  end
  redis.call('LTRIM', key, -10000, -1)
  -- Whoever waits is told once, and then reads until there is nothing more.
  if redis.call('DEL', R .. 'evwait') == 1 then redis.call('PUBLISH', R .. 'event', '') end
end
