--! does: Checks keys that belong to one job each: children, parents, logs, results, payloads, groups.
--! uses: base digits numbers names wake lane due final state status kin family finish remove delay put enter kids promote tomb doctor tape memo
--! lazy: fold event
--! args: 6 '1' to repair; 7 '1' if no record names the payloads among them, for which was looked since they had no
--!   end of life; then names of keys
--! reply: tag, keys looked at, findings, those of payloads that have no end of life, unless 7 is '1'
--! cost: O(keys)
--! keys: family drafts jobs memoEnds memos relay schedules state
local isSought, lasting, checks = ARGV[7] == '1', {}, {}
local function isThere(id) return redis.call('HEXISTS', R .. 'jobs', id) == 1 end

local function stale(kind, name, id, text)
  M.found(kind, id, name .. ' is there, but ' .. text, function() redis.call('UNLINK', R .. name) end)
end

function checks.log(name, id)
  if not isThere(id) then stale('stale_data', name, id, 'the job is not') end
end

function checks.schedLog(name, id)
  if redis.call('HEXISTS', R .. 'schedules', id) == 0 then stale('stale_data', name, nil, 'the schedule is not') end
end

function checks.pend(name, id)
  if not isThere(id) then stale('stale_edge', name, id, 'the job is not') end
end

function checks.res(name, rest)
  local id, fence = string.match(rest, '^(.*):(%d+)$')
  if not id or redis.call('PTTL', R .. name) ~= -1 then return end
  local state = redis.call('HGET', R .. 'state', id)
  if not isThere(id) then return stale('stale_data', name, id, 'the job is not') end
  if state and string.match(state, '^%w|%d+|%d+|%d+|(%d+)|%d*|b') ~= fence then
    stale('stale_data', name, id, 'its state does not name it')
  elseif not state then
    stale('stale_data', name, id, 'it has not ended')
  end
end

function checks.kids(name, id)
  local draft = string.match(id, '^#(.*)')
  if redis.call('HEXISTS', R .. 'relay', id) == 1 or isThere(id) then return end
  if draft and redis.call('ZSCORE', R .. 'drafts', draft) then return end
  M.found('stale_edge', id, name .. ' is there, but the ' .. (draft and 'group' or 'job') .. ' is not', function()
    redis.call('UNLINK', R .. name)
    redis.call('HDEL', R .. 'family', id)
  end)
end

function checks.draft(name, draft)
  if redis.call('ZSCORE', R .. 'drafts', draft) or redis.call('HEXISTS', R .. 'relay', '#' .. draft) == 1 then return end
  stale('stale_edge', name, nil, 'the group is not')
end
checks.draftIds = checks.draft

function checks.big(name)
  if redis.call('PTTL', R .. name) ~= -1 then return end
  if not isSought then lasting[#lasting + 1] = name
  else stale('stale_data', name, nil, 'no record names it') end
end

-- A memo that nobody would list, or that would never go.
function checks.memo(name, key)
  local value, _, ends = M.memoOf(redis.call('GET', R .. name))
  if not value then
    -- Redis lets go of one that is over a little later.
    if redis.call('PTTL', R .. name) == -1 then stale('stale_data', name, nil, 'it is over, or cannot be read') end
    return
  end
  local isListed = redis.call('ZSCORE', R .. 'memos', key) and redis.call('ZSCORE', R .. 'memoEnds', key) == ends
  if isListed and redis.call('PTTL', R .. name) ~= -1 then return end
  local text = isListed and 'Redis would never let go of it' or 'memos or memoEnds does not say so'
  M.found('lost_entry', nil, name .. ' is there, but ' .. text, function()
    redis.call('PEXPIRE', R .. name, string.format('%d', ends - now + 60000))
    M.listMemo(key, ends)
  end)
end

function checks.hits(name)
  if redis.call('PTTL', R .. name) == -1 then stale('stale_data', name, nil, 'Redis would never let go of it') end
end

for i = 8, #ARGV do
  local kind, rest = string.match(ARGV[i], '^(%a+):(.*)$')
  -- It may be gone since its name was read.
  if checks[kind] and redis.call('EXISTS', R .. ARGV[i]) == 1 then
    M.checked = M.checked + 1
    checks[kind](ARGV[i], rest)
  end
end
return M.verdict(lasting)
