--! does: Makes final jobs that did not complete wait again.
--! uses: base names lane due wake state status kin family unique put edit revive event
--! args: 6 '1' if this request may have been carried out before; 7 status that a job must be in, or
--!   ''; 8 the time from which on neither it nor an attempt of it ended, or ''; 9 a payload for them,
--!   or ''; 10 '1' to bring back also what their end canceled; 11 ids n; then n ids
--! reply: tag, for each job: D done, U unchanged, R refused or M missing; its status; for R also why: s by its
--!   status, p by a parent, d by the owner of its key, and that job's id
--! cost: O(ids * log n + children brought back)
--! keys: jobs said:
local from, before = ARGV[7], tonumber(ARGV[8])
local payload, revive, n = ARGV[9], ARGV[10] == '1', tonumber(ARGV[11])
local reply = { ARGV[1] }
local said = ARGV[6] == '1' and redis.call('GET', R .. 'said:' .. ARGV[1])
if said then
  for text in string.gmatch(said, '%S+') do reply[#reply + 1] = text end
  return reply
end

local function retry(id)
  local record = redis.call('HGET', R .. 'jobs', id)
  if not record then return 'M' end
  local status, state = M.statusOf(id, record)
  if status == 'f' and (from == '' or from == 'f') then return 'Rfs' end
  if from ~= '' and status ~= from or not string.find('cdxt', status, 1, true) then return 'U' .. status end
  if before and M.lastEnd(state) >= before then return 'U' .. status end
  if status == 'c' then return 'Rcs' end
  local after, why, by = M.bringBack(id, record, state)
  if not after then return 'R' .. status .. why .. by end
  if payload ~= '' then M.setPayload(id, redis.call('HGET', R .. 'jobs', id), payload) end
  if revive then
    M.revived[1] = id
    M.reviveAll()
  end
  return 'D' .. after
end

for i = 12, 11 + n do reply[#reply + 1] = retry(ARGV[i]) end
M.wakeOpened()
redis.call('SET', R .. 'said:' .. ARGV[1], table.concat(reply, ' ', 2), 'EX', 60)
return reply
