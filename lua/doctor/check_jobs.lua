--! does: Checks for some jobs that each is in its place, has its lease and will be told by its parents.
--! uses: base digits numbers names wake lane due final state status kin add_kids family finish remove delay put enter kids promote tomb doctor doctor_list doctor_edges doctor_job tape
--! lazy: fold event
--! args: 6 '1' to repair; 7 cursor; 8 about how many jobs
--! reply: tag, jobs looked at, findings, cursor of HSCAN; then of the jobs whose list is too long to be searched here: id,
--!   list, digest of record and state, '1' if it may be early, in turn; seq, front and fence as they are; the length of those lists
--! cost: O(jobs + entries searched, at most 1,000)
--! keys: fence front jobs pend: seq
local scan = redis.call('HSCAN', R .. 'jobs', ARGV[7], 'COUNT', ARGV[8])
local found, lists, unsure, budget, long = scan[2], {}, {}, 1000, 0
M.checked = #found / 2
for i = 1, #found, 2 do
  local job
  if found[i] == '\nlisten' then M.checked = M.checked - 1 else job = M.look(found[i]) end
  local name = job and not job.isBroken and M.judge(job)
  if name then
    local wanted = lists[name]
    if not wanted then wanted = {} lists[name] = wanted end
    wanted[job.id] = job
  end
end
for name, wanted in pairs(lists) do
  local length = redis.call('LLEN', R .. name)
  if length <= budget then
    budget = budget - length
    local hits = M.seek(name, wanted)
    for id, job in pairs(wanted) do
      local entries = hits[id] or {}
      if #entries ~= 1 then job = M.look(id) end -- a repair before this one may have moved it
      if job and M.listOf(job) == name then M.resolve(job, name, entries) end
    end
  else
    long = long + length
    for id, job in pairs(wanted) do
      local early = job.status == 'w' and redis.call('EXISTS', R .. 'pend:' .. id) == 1
      for _, word in ipairs({ id, name, M.digest(job), early and '1' or '' }) do unsure[#unsure + 1] = word end
    end
  end
end
M.announce(M.fallen)
M.wakeOpened()
local last = redis.call('MGET', R .. 'seq', R .. 'front', R .. 'fence')
return M.verdict(scan[1], unsure, { last[1] or '0', last[2] or '0', last[3] or '0' }, long)
