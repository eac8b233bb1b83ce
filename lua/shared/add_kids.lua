--! does: Gives jobs children. kin:pair are the jobs of a queue and type that have or had any, by when they were enqueued.
--! keys: family jobs kids: kin:

-- Puts jobs among those with children. own: queue and type of jobs that are written by this call.
function M.enlist(ids, own)
  local lists, others = {}, {}
  local function add(id, created, pair)
    local list = lists[pair]
    if list then list[#list + 1], list[#list + 2] = created, id else lists[pair] = { created, id } end
  end
  for i = 1, #ids do
    local pair = own and own[ids[i]]
    if pair then add(ids[i], nows, pair) else others[#others + 1] = ids[i] end
  end
  local records = #others > 0 and redis.call('HMGET', R .. 'jobs', unpack(others))
  for i = 1, #others do
    local created, pair = string.match(records[i] or '', '^(%d+)|%d%d|[^|]*|([^|\n]*|[^\n]*)')
    if pair then add(others[i], created, pair) end -- a draft has no record
  end
  for pair, list in pairs(lists) do
    redis.call('ZADD', R .. 'kin:' .. pair, unpack(list))
    M.know(pair) -- it may be forgotten while its jobs run
  end
end

-- Scores and members in turn, of which the score rises, from the end: a small zset looks for the place of each from
-- its first one on.
function M.fromTheEnd(list)
  local n, turned = #list, {}
  for i = 1, n, 2 do turned[i], turned[i + 1] = list[n - i], list[n - i + 1] end
  return turned
end

-- Makes children known to their parents: lists of number and id in turn, by parent. own: as enlist has it.
function M.addKids(kids, own)
  local parents, fields, fresh = {}, {}, {}
  for parent in pairs(kids) do parents[#parents + 1] = parent end
  if #parents == 0 then return end
  local before = redis.call('HMGET', R .. 'family', unpack(parents))
  for i = 1, #parents do
    local parent, list = parents[i], kids[parents[i]]
    if not before[i] then fresh[#fresh + 1] = parent end
    if not before[i] and #list == 2 then
      fields[#fields + 1], fields[#fields + 2] = parent, list[1] .. ' ' .. list[2]
    else
      local kid, number = M.onlyKid(before[i])
      if kid then redis.call('ZADD', R .. 'kids:' .. parent, number, kid) end
      redis.call('ZADD', R .. 'kids:' .. parent, unpack(M.fromTheEnd(list)))
      if before[i] ~= '' then fields[#fields + 1], fields[#fields + 2] = parent, '' end
    end
  end
  if #fields > 0 then redis.call('HSET', R .. 'family', unpack(fields)) end
  if #fresh > 0 then M.enlist(fresh, own) end
  M.quiet, M.kin = false, true
end
