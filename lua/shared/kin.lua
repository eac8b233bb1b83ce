--! does: Which jobs have children: `family`, id -> number and id of its only child, or '' if it has or had more, which
--!   are in kids:id, a zset by a number that rises.
--! keys: family kids:

-- The child that a text of `family` says, and its number; nil if it says none.
function M.onlyKid(text)
  local p = text and string.find(text, '^%d+ .')
  if not p then return nil end
  p = string.find(text, ' ', 1, true)
  return string.sub(text, p + 1), string.sub(text, 1, p - 1)
end

-- Makes children known to their parents: lists of number and id in turn, by parent.
function M.addKids(kids)
  local parents, fields = {}, {}
  for parent in pairs(kids) do parents[#parents + 1] = parent end
  if #parents == 0 then return end
  local before = redis.call('HMGET', R .. 'family', unpack(parents))
  for i = 1, #parents do
    local parent, list = parents[i], kids[parents[i]]
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
  M.quiet, M.kin = false, true
end
