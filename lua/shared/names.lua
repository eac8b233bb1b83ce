--! does: Names of lanes and of pairs of queue and type.
--! keys: none

-- 'queue|PPtype' -> 'queue|type', 'queue', 'PPtype'
function M.parts(lane)
  local p = string.find(lane, '|', 1, true)
  return string.sub(lane, 1, p) .. string.sub(lane, p + 3), string.sub(lane, 1, p - 1), string.sub(lane, p + 1)
end
