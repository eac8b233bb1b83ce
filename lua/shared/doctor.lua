--! does: What the doctor's scripts share: what was found, and the look at one job.
--! args: 6 '1' to put right what is wrong.
--! keys: gc: jobs k p: state
M.findings, M.checked, M.mends = {}, 0, ARGV[6] == '1'
M.sentinel = string.rep('~', 65)

-- Notes what is wrong; `mend` puts it right, if that is wanted.
function M.found(kind, id, text, mend)
  local list, mended = M.findings, M.mends and mend
  if mended then mend() end
  list[#list + 1] = kind
  list[#list + 1] = id or ''
  list[#list + 1] = text
  list[#list + 1] = mended and '1' or ''
end

-- What all scripts of the doctor reply.
function M.verdict(...)
  if M.events then M.tellEvents() end
  return { ARGV[1], M.checked, M.findings, ... }
end

-- Whether something is JSON; half a surrogate pair is, but not to cjson.
local function isJson(text)
  return (pcall(cjson.decode, '[' .. string.gsub(text, '\\u[dD][89a-fA-F]%x%x', '\\u0041') .. ']'))
end

local function isStateReadable(state)
  local rest = string.match(state, '^[cdxtrw]|%d+|%d+|%d+|%d+|%d*|%w*(.*)$')
  if not rest or rest ~= '' and string.byte(rest) ~= 10 then return false end
  for line in string.gmatch(rest, '\n([^\n]*)') do
    local mark = string.sub(line, 1, 1)
    if mark == '=' then break end
    local ok
    if mark == '!' then ok = isJson(string.sub(line, 2))
    elseif mark == '<' then ok = string.find(line, '^<[^|]+|')
    else
      local _, to = string.find(line, '^%a|%d+|%-?%d+|[^|]*|[^|]*|')
      ok = to and (to == #line or isJson(string.sub(line, to + 1)))
    end
    if not ok then return false end
  end
  return true
end

-- What of a job cannot be taken apart: 'record', 'state' or nil.
function M.unreadable(record, state)
  local settings = string.match(record, '^%d+|%d%d|[^|\n]*|[^|\n]*|[^\n]*\n([^\n]*)\n')
  if not settings or settings ~= '' and not isJson(settings) then return 'record' end
  if state and not isStateReadable(state) then return 'state' end
end

M.statuses = {
  c = 'completed', d = 'dead_letter', x = 'canceled', t = 'stopped', p = 'processing', b = 'deferred', s = 'scheduled',
  r = 'retry', w = 'ready',
}

-- A job with all that says what it is; nil if it is not there. An end that was written counts for more
-- than a claim. Of a broken one nothing more is known.
function M.look(id)
  local record = redis.call('HGET', R .. 'jobs', id)
  if not record then return nil end
  local job = { id = id, record = record, state = redis.call('HGET', R .. 'state', id) }
  if M.unreadable(record, job.state) then
    job.isBroken = true
    return job
  end
  job.prio, job.flags, job.queue, job.kind = M.head(record)
  job.pair, job.lane = job.queue .. '|' .. job.kind, job.queue .. '|' .. job.prio .. job.kind
  job.status = job.state and string.match(job.state, '^[cdxt]') or M.statusOf(id, record)
  return job
end

-- Whether a job must be watched for its time: it has one, and was not started; gives the time.
function M.expires(job)
  local x = string.match(job.flags, ';x(%d+);')
  if not x or not string.find('wsb', job.status, 1, true) then return nil end
  local _, made = M.past(job.state)
  return made == 0 and x
end

-- How long a final job is kept by a time of its own; nil without one.
function M.limitOf(job)
  return tonumber(string.match(job.flags, job.status == 'c' and ';c(%-?%d+);' or ';f(%-?%d+);') or nil)
end

-- The zset of those with a number of their own in which a final job is counted; nil without one.
function M.quotaOf(job)
  return string.find(job.flags, ';k[1-9]') and 'k' .. job.status .. ':' .. job.pair
end

-- Puts a job at the end of its lane.
function M.place(job)
  M.put(job.lane, M.sepOf(job.flags, job.state), job.id)
end

-- Whether a ready job stands aside until its key has room.
function M.isParked(job)
  return string.find(job.flags, ';l', 1, true) and redis.call('ZSCORE', R .. 'p:' .. job.lane, job.id)
end

-- The list that a job must have an entry in: its lane, or that of the completed ones; nil if it has its
-- place elsewhere.
function M.listOf(job)
  if job.status == 'w' then return not M.isParked(job) and 'l:' .. job.lane or nil end
  if job.status == 'c' and not redis.call('ZSCORE', R .. 'gc:' .. job.pair, job.id) then return 'f:' .. job.pair end
end

function M.digest(job)
  return redis.sha1hex(job.record .. '\n' .. (job.state or ''))
end
