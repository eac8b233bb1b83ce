--! does: Memos: `memo:{key}`, `end|tag|value`, with the tag of the request that added it, if it was added; `memos`, their
--!   keys by name; `memoEnds`, their keys by their ends.
--! keys: memo: memoEnds memos

-- Redis itself lets go of a text a minute after its end: what counts is the time of the calls, and that may be another.
local SPARE = 60000

-- The value of a memo by its text, its tag and its end; nil if it is over, or cannot be read.
function M.memoOf(text)
  local ends, tag, value = string.match(text or '', '^(%d+)|([^|]*)|(.*)$')
  if ends and tonumber(ends) > now then return value, tag, ends end
end

-- Enters the key of a memo that is there.
function M.listMemo(key, ends)
  redis.call('ZADD', R .. 'memos', 0, key)
  redis.call('ZADD', R .. 'memoEnds', ends, key)
end

function M.writeMemo(key, ms, tag, value)
  local ends = string.format('%d', now + ms)
  redis.call('SET', R .. 'memo:' .. key, ends .. '|' .. tag .. '|' .. value, 'PX', string.format('%d', ms + SPARE))
  M.listMemo(key, ends)
end

function M.dropMemos(keys)
  local names = {}
  for i = 1, #keys do names[i] = R .. 'memo:' .. keys[i] end
  redis.call('UNLINK', unpack(names))
  redis.call('ZREM', R .. 'memos', unpack(keys))
  redis.call('ZREM', R .. 'memoEnds', unpack(keys))
end

-- Lets go of some that are over.
function M.dropOldMemos(most)
  local old = redis.call('ZRANGEBYSCORE', R .. 'memoEnds', '-inf', nows, 'LIMIT', 0, most)
  if #old > 0 then M.dropMemos(old) end
end
