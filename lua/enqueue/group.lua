--! does: Writes one group of jobs, whole or not at all, of which some wait for others, are unique, or are
--!   enqueued under a claim; or a part of a draft: of such a group that is too large for one call.
--! uses: base digits lane due status refuse kin add_kids edges enter write
--! lazy: names wake unique put numbers delay final state tape family finish remove kids merge edit promote tomb take_out drop fold event back park limits
--! args: 6 if this request may have been carried out before: at most so many ms ago; 7 jobs n; 8 holder's id, or ''; 9 its fence;
--!   10 what to do if the same work is there: r replace, d debounce, a run after it, '' nothing;
--!   11 draft, or ''; 12 number of the part; 13 '?' to look only whether it may be written;
--!   then n ids, n records without the time, n times '' or: due time ('', '+ms' or ms), until and ttl if its id is to
--!   be unique so, number of edges, with commas between; then all edges: a letter and an id. Letters: i j a parent
--!   before it in the group, c k one that must be there, C K one that need not be; i c C for the policy cancel
--! reply: tag, then c and statuses; l for a holder that lost its claim; d, position, id and status of the
--!   job in the way; m, id and status of the one that was changed; p, position and id of a parent that is
--!   not there; g if the draft is gone;
--!   u, draft and ms since its last part, if a job of another draft is in the way
--! cost: O(jobs + edges)
--! keys: big: claims draft: drafts jobs
local n, holder, draft, part = tonumber(ARGV[7]), ARGV[8], ARGV[11], ARGV[12]
if draft ~= '' then
  local said = ARGV[6] ~= '' and redis.call('HGET', R .. 'draft:' .. draft, 'said:' .. part)
  if said then return { ARGV[1], 'c', said } end
  if part ~= '0' and tonumber(redis.call('ZSCORE', R .. 'drafts', draft) or 0) == 0 then return { ARGV[1], 'g' } end
end

local jobs, bigs, none, at = {}, {}, {}, 13 + 3 * n
for i = 1, n do
  local record, more = ARGV[13 + n + i], ARGV[13 + 2 * n + i]
  local time, room, e, edges = '', '', nil, none
  if more ~= '' then time, room, e = string.match(more, '^([^,]*),([^,]*),(%d+)$') end
  if e and e ~= '0' then
    edges = { unpack(ARGV, at + 1, at + e) }
    at = at + e
  end
  local job = { id = ARGV[13 + i], record = record, time = time, room = room, edges = edges, head = M.headOf(record) }
  jobs[i] = job
  if job.head.big then bigs[#bigs + 1] = R .. 'big:' .. job.head.big end
end
if #bigs > 0 and redis.call('EXISTS', unpack(bigs)) < #bigs then
  return redis.error_reply('GQM payload is not there: one of ' .. #bigs)
end
-- The first field is there when somebody listens to what happens.
local old = redis.call('HMGET', R .. 'jobs', '\nlisten', unpack(ARGV, 14, 13 + n))
if table.remove(old, 1) then M.heardBy() else M.hearing = false end

local repeated = ARGV[6] ~= '' and draft == '' and M.repeated(jobs, old, tonumber(ARGV[6]))
if repeated then return { ARGV[1], unpack(repeated) } end
if holder ~= '' and string.match(redis.call('HGET', R .. 'claims', holder) or '', '^%d+') ~= ARGV[9] then
  return { ARGV[1], 'l' }
end
local inUse = M.inUse(jobs, old, ARGV[10])
if inUse then
  M.sweepBuried()
  M.wakeOpened()
  return { ARGV[1], unpack(inUse) }
end
local parents, missing = M.parentsOf(jobs)
if missing then return { ARGV[1], unpack(missing) } end
if ARGV[13] == '?' then return { ARGV[1], 'c', '' } end

for i = 1, #bigs do redis.call('PERSIST', bigs[i]) end
local statuses = M.writeGroup(jobs, parents, draft)
if draft ~= '' then
  redis.call('HSET', R .. 'draft:' .. draft, 'said:' .. part, statuses)
  redis.call('ZADD', R .. 'drafts', string.format('%d', now + 60000), draft)
end
M.wakeOpened()
return { ARGV[1], 'c', statuses }
