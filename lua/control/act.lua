--! does: Does one thing with each of some jobs, for people and programs that intervene.
--! uses: base digits numbers wake names lane due state status final kin family delay put enter kids remove finish promote tomb take_out edit held cancel drop tape
--! lazy: fold event back park limits
--! args: 6 '1' if this request may have been carried out before; 7 status that a job must be in, or
--!   ''; 8 the time from which on neither it nor an attempt of it ended, or ''; 9 what: x cancel, g
--!   remove, p promote, o prioritize, e edit; 10 the reason as JSON, the PP, or the payload; 11 ids n;
--!   then n ids
--! reply: tag, for each job: D done, U unchanged, R refused or M missing; its status ('-' if it has
--!   gone); for R also why: s by its status
--! cost: O(ids * log n); the length of the list of its final jobs for one of them that is removed
--! keys: claims expire jobs purge said:
local from, before, kind, data, n = ARGV[7], tonumber(ARGV[8]), ARGV[9], ARGV[10], tonumber(ARGV[11])
local reply, ended = { ARGV[1] }, {}
local said = ARGV[6] == '1' and redis.call('GET', R .. 'said:' .. ARGV[1])
if said then
  for text in string.gmatch(said, '%S+') do reply[#reply + 1] = text end
  return reply
end
-- Without effect, but a write that is allowed when memory is full lets the others through: only new
-- payloads are refused then.
if kind ~= 'e' then redis.call('HDEL', R .. 'claims', '') end

local function laneOf(record)
  local prio, _, queue, type = M.head(record)
  return queue .. '|' .. prio .. type, queue .. '|' .. type
end

local acts = {}

-- Of a job that cannot be read nobody knows where it stands: what names it there is passed over.
local function removeBroken(id)
  redis.call('ZREM', R .. 'expire', id)
  redis.call('ZREM', R .. 'purge', id)
  M.remove(id)
  M.endedKids(id, false, 'was removed')
  ended[#ended + 1] = id
  return 'D-'
end

function acts.x(id, record, state, status)
  if status == 'x' then return 'Ux' end
  if string.find('cdt', status, 1, true) or not M.callOff(id, record, state, status, data, 'x') then return end
  ended[#ended + 1] = id
  return redis.call('HEXISTS', R .. 'jobs', id) == 1 and 'Dx' or 'D-'
end

function acts.g(id, record, state, status)
  if status == 'p' then return end
  local _, pair = laneOf(record)
  if M.hears() then M.event('g', id, '-', pair) end
  if string.find('wsrb', status, 1, true) then
    M.takeOut(id, record, state)
    M.remove(id)
    M.endedKids(id, false, 'was removed')
    ended[#ended + 1] = id
  else
    M.dropFinal(id, pair, state)
  end
  return 'D-'
end

function acts.p(id, record, state, status)
  if status == 'w' then return 'Uw' end
  if status ~= 's' and status ~= 'r' then return end
  local _, member = M.delayedPlace(id, record, state)
  M.pull(id, record, state)
  local lane, pair = laneOf(record)
  M.put(lane, string.sub(member, 3, 3), id)
  if M.hears() then M.event('w', id, 'w', pair) end
  return 'Dw'
end

function acts.o(id, record, state, status)
  if not string.find('wsrb', status, 1, true) then return end
  if string.match(record, '^%d+|(%d%d)') == data then return 'U' .. status end
  local name, member = M.delayedPlace(id, record, state)
  if status == 'w' then M.pull(id, record, state) end
  record = M.setPrio(id, record, data)
  if status == 'w' then
    local _, flags = M.head(record)
    M.put(laneOf(record), M.sepOf(flags, state), id)
  elseif status ~= 'b' then
    local due, _, moved = redis.call('ZSCORE', R .. name, member), M.delayedPlace(id, record, state)
    redis.call('ZREM', R .. name, member)
    redis.call('ZADD', R .. name, due, moved)
  end
  return 'D' .. status
end

function acts.e(id, record, _, status)
  if not string.find('wsrb', status, 1, true) then return end
  M.setPayload(id, record, data)
  return 'D' .. status
end

for i = 12, 11 + n do
  local id, text = ARGV[i], 'M'
  local record = redis.call('HGET', R .. 'jobs', id)
  if record then
    local status, state = M.statusOf(id, record)
    if from ~= '' and status ~= from or before and M.lastEnd(state) >= before then text = 'U' .. status
    elseif status == 'f' then text = kind == 'g' and removeBroken(id) or 'Rfs'
    else text = acts[kind](id, record, state, status) or 'R' .. status .. 's' end
  end
  reply[#reply + 1] = text
end
M.sweepBuried()
M.announce(ended)
M.wakeOpened()
redis.call('SET', R .. 'said:' .. ARGV[1], table.concat(reply, ' ', 2), 'EX', 60)
return reply
