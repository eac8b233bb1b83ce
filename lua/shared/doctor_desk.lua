--! does: Checks by what memos are found: each key of one must be of a memo that is there, and be in both lists.
--! keys: memo: memoEnds
local members = M.members

local function check(name, key)
  local ends = redis.call('ZSCORE', R .. 'memoEnds', key)
  -- Upkeep lets go of it.
  if ends and tonumber(ends) <= now then return end
  local value = M.memoOf(redis.call('GET', R .. 'memo:' .. key))
  if not value then
    M.found('stale_entry', nil, name .. " has the memo '" .. key .. "', but it is not there", function() M.dropMemos({ key }) end)
  end
end
members.memos, members.memoEnds = check, check
