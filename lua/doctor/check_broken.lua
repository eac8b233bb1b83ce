--! does: Looks for jobs that cannot be read, and moves them out of the way of the others: their texts go to the
--!   hash `broken`, the record by id, the state by id, line feed and 'state'.
--! uses: base digits numbers names wake lane due final state status kin family finish remove delay put enter kids promote tomb doctor tape
--! lazy: fold event
--! args: 6 '1' to repair; 7 cursor; 8 about how many jobs
--! reply: tag, jobs looked at, findings: kind, id, text and '1' if it was repaired in turn; cursor of HSCAN
--! cost: O(jobs)
--! keys: broken claims jobs leases: state
local scan = redis.call('HSCAN', R .. 'jobs', ARGV[7], 'COUNT', ARGV[8])
local list = scan[2]
M.checked = #list / 2
for i = 1, #list, 2 do
  local id, record = list[i], list[i + 1]
  local state = redis.call('HGET', R .. 'state', id)
  local what
  if id == '\nlisten' then M.checked = M.checked - 1 else what = M.unreadable(record, state) end
  if what then
    local text = 'Its ' .. what .. ' cannot be read' .. (M.mends and ': what there was of it is in the hash broken' or '')
    M.found('broken_record', id, text, function()
      local claim = redis.call('HGET', R .. 'claims', id)
      local server = claim and string.match(claim, '^%d+|%-?%d+[|!*]%d+|[^|]*|([^|]*)')
      if server then redis.call('ZREM', R .. 'leases:' .. server, id) end
      redis.call('HSET', R .. 'broken', id, record)
      if state then redis.call('HSET', R .. 'broken', id .. '\nstate', state) end
      redis.call('HDEL', R .. 'claims', id)
      redis.call('HDEL', R .. 'jobs', id)
      redis.call('HDEL', R .. 'state', id)
      M.announce({ id })
    end)
  end
end
return M.verdict(scan[1])
