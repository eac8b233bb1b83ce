--! does: Changes a schedule if it is of the version named, and fires slots of it in the same step.
--! uses: base digits names lane wake due status kin add_kids edges put enter write tape
--! lazy: numbers delay final state family finish remove kids merge edit promote tomb take_out drop refuse unique held cancel fold event back park limits
--! args: 6 '1' if this request may have been carried out before; 7 id; 8 its version, '' if it must not be
--!   there; 9 w write, r remove, or '' to leave it; 10 what it is to be, as `source|scope|paused|custom|slot|due`
--!   and a line break before the definition; 11 most schedules; 12 most lines of a history; 13 its error if a job is
--!   stopped, as JSON; 14 notes m; 15 fires n; then m notes, as a line of the history has it from the slot on; then for each fire:
--!   slot, kind, overlap, the job's id, its record without the time
--! reply: tag, done, stale or full, now, the schedule ('' if there is none), then for each fire its outcome and a job's id
--! cost: O((notes + fires) * log n)
--! keys: big: claims ctl jobs said: schedDue schedIds schedLog: schedules
local id, what, body, m, n = ARGV[7], ARGV[9], ARGV[10], tonumber(ARGV[14]), tonumber(ARGV[15])
local old = redis.call('HGET', R .. 'schedules', id)
local said = ARGV[6] == '1' and redis.call('GET', R .. 'said:' .. ARGV[1])
local reply = { ARGV[1], 'done', nows, old or '' }
if said then
  for text in string.gmatch(said, '%S+') do reply[#reply + 1] = text end
  return reply
end
local head, rest = string.match(old or '', '^(%d+|[^\n]*)\n(.*)$')
if (head and string.match(head, '^%d+') or '') ~= ARGV[8] then return { ARGV[1], 'stale', nows, old or '' } end
if not old and redis.call('HLEN', R .. 'schedules') >= tonumber(ARGV[11]) then return { ARGV[1], 'full', nows, '' } end
local fires, at = {}, 15 + m
for i = 1, n do
  local record = ARGV[at + 5]
  local job = { id = ARGV[at + 4], record = record, time = '', room = '', edges = {}, head = M.headOf(record) }
  fires[i] = { slot = ARGV[at + 1], kind = ARGV[at + 2], overlap = ARGV[at + 3], job = job }
  if job.head.big and redis.call('EXISTS', R .. 'big:' .. job.head.big) == 0 then
    return redis.error_reply('GQM payload is not there: ' .. job.head.big)
  end
  at = at + 5
end
-- Without effect, but a write that is allowed when memory is full lets the others through: only new
-- jobs are refused then.
if n == 0 then redis.call('HDEL', R .. 'claims', '') end

local number = M.numbers(1 + m + n)
local _, created, updated, lastSlot, lastFired, lastStart, outcome, last =
  string.match(head or '', '^(%d+)|(%d*)|(%d*)|(%d*)|(%d*)|(%d*)|([^|]*)|(.*)$')
if not last then created, updated, lastSlot, lastFired, lastStart, outcome, last = nows, nows, '', '', '', '', '' end
local function lasting(text) return (string.gsub(text or '', '|%d*|%d*\n', '\n', 1)) end
if what == 'w' then
  if old and lasting(body) ~= lasting(rest) then
    updated = string.format('%d', math.max(now, (tonumber(updated) or 0) + 1))
  end
  rest = body
end
local version, ended = string.format('%d', number), {}

local function tell(line)
  number = number + 1
  redis.call('LPUSH', R .. 'schedLog:' .. id, string.format('%d|', number) .. nows .. '|' .. line)
end

-- Enqueues the job of a fire if the overlap allows it; gives the outcome, and the job or the one in the way.
local function enqueue(job, overlap)
  local record = last ~= '' and overlap ~= 'allow' and redis.call('HGET', R .. 'jobs', last)
  local result, status, state = 'fired', nil, nil
  if redis.call('HEXISTS', R .. 'jobs', job.id) == 1 then return 'duplicate', job.id end
  if record then status, state = M.statusOf(last, record) end
  if status and string.find('pbsrw', status, 1, true) then
    if overlap == 'skip' or overlap == 'queueOne' and status ~= 'p' and status ~= 'r' then return 'skipped', last end
    if overlap == 'replace' then
      if not M.callOff(last, record, state, status, ARGV[13], 't') then return 'skipped', last end
      result, ended[#ended + 1] = 'replaced', last
    else
      result, job.after = 'queued', last
    end
  end
  if job.head.big then redis.call('PERSIST', R .. 'big:' .. job.head.big) end
  M.writeGroup({ job }, {}, '')
  return result, job.id
end

for i = 1, m do
  tell(ARGV[15 + i])
  outcome = string.match(ARGV[15 + i], '^%-?%d+|%a+|(%a+)|')
end
for i = 1, n do
  local one, by = fires[i], nil
  outcome, by = enqueue(one.job, one.overlap)
  if one.kind == 'slot' then lastSlot = one.slot elseif one.kind == 'start' then lastStart = nows end
  if outcome ~= 'skipped' then lastFired, last = nows, by end
  tell(one.slot .. '|' .. one.kind .. '|' .. outcome .. '|' .. by .. '||')
  reply[#reply + 1], reply[#reply + 2] = outcome, by
end
if #ended > 0 then
  M.sweepBuried()
  M.announce(ended)
end
M.wakeOpened()

if what == 'r' then
  reply[4] = ''
  redis.call('HDEL', R .. 'schedules', id)
  redis.call('ZREM', R .. 'schedDue', id)
  redis.call('ZREM', R .. 'schedIds', id)
  redis.call('UNLINK', R .. 'schedLog:' .. id)
else
  reply[4] = table.concat({ version, created, updated, lastSlot, lastFired, lastStart, outcome, last }, '|') .. '\n' .. rest
  redis.call('HSET', R .. 'schedules', id, reply[4])
  redis.call('ZADD', R .. 'schedIds', 0, id)
  if m + n > 0 then redis.call('LTRIM', R .. 'schedLog:' .. id, 0, ARGV[12] - 1) end
  local first = tonumber(redis.call('ZRANGE', R .. 'schedDue', 0, 0, 'WITHSCORES')[2] or nil)
  local due = string.match(rest, '^[^|]*|[^|]*|%d|0|%d*|(%d+)\n')
  if due then redis.call('ZADD', R .. 'schedDue', due, id) else redis.call('ZREM', R .. 'schedDue', id) end
  if due and (not first or tonumber(due) < first) then redis.call('PUBLISH', R .. 'ctl', 'schedule') end
end
redis.call('SET', R .. 'said:' .. ARGV[1], table.concat(reply, ' ', 5), 'EX', 60)
return reply
