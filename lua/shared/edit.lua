--! does: Changes what a job was enqueued with.
--! keys: big: jobs

-- Gives a job another payload, which is written into its record, however long it is. A flag of one
-- that had a key of its own stays, as `;b;` without a name: places of the job were written by it.
function M.setPayload(id, record, payload)
  local first = string.find(record, '\n', 1, true)
  local head = string.sub(record, 1, (string.find(record, '\n', first + 1, true)))
  local from, big, to = string.match(head, '^%d+|%d%d|[^|]*;b()([^;|]+)();')
  if big then head = string.sub(head, 1, from - 1) .. string.sub(head, to) end
  redis.call('HSET', R .. 'jobs', id, head .. payload)
  if big then redis.call('UNLINK', R .. 'big:' .. big) end
end

-- Gives a job another priority, as PP; gives its new record.
function M.setPrio(id, record, prio)
  local bar = string.find(record, '|', 1, true)
  record = string.sub(record, 1, bar) .. prio .. string.sub(record, bar + 3)
  redis.call('HSET', R .. 'jobs', id, record)
  return record
end
