--! does: Gives jobs children. kin:pair are the jobs of a queue and type that have or had any, by when they were enqueued.
--! keys: family jobs kids: kin:

-- Puts jobs among those with children.
function M.enlist(ids)
  local records, lists = redis.call('HMGET', R .. 'jobs', unpack(ids)), {}
  for i = 1, #ids do
    local created, pair = string.match(records[i] or '', '^(%d+)|%d%d|[^|]*|([^|\n]*|[^\n]*)')
    if pair then -- a draft has no record
      local list = lists[pair]
      if list then list[#list + 1], list[#list + 2] = created, ids[i] else lists[pair] = { created, ids[i] } end
    end
  end
  for pair, list in pairs(lists) do
    redis.call('ZADD', R .. 'kin:' .. pair, unpack(list))
    M.know(pair) -- it may be forgotten while its jobs run
  end
end

-- Makes children known to their parents: lists of number and id in turn, by parent.
function M.addKids(kids)
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
      redis.call('ZADD', R .. 'kids:' .. parent, unpack(list))
      if before[i] ~= '' then fields[#fields + 1], fields[#fields + 2] = parent, '' end
    end
  end
  if #fields > 0 then redis.call('HSET', R .. 'family', unpack(fields)) end
  if #fresh > 0 then M.enlist(fresh) end
  M.quiet, M.kin = false, true
end
