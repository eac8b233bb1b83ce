--! does: Which pairs of queue and type there are.
--! keys: pairs

-- The known pairs of a queue ('' for all) and a type ('' for all).
function M.pairsOf(queue, kind)
  local names, all = {}, redis.call('SMEMBERS', R .. 'pairs')
  for i = 1, #all do
    local p = string.find(all[i], '|', 1, true)
    if (queue == '' or string.sub(all[i], 1, p - 1) == queue) and (kind == '' or string.sub(all[i], p + 1) == kind) then
      names[#names + 1] = all[i]
    end
  end
  return names
end
