--! does: Which jobs have children: `family`, id -> number and id of its only child, or '' if it has or had more, which
--!   are in kids:id, a zset by a number that rises.
--! keys: none

-- The child that a text of `family` says, and its number; nil if it says none.
function M.onlyKid(text)
  local p = text and string.find(text, '^%d+ .')
  if not p then return nil end
  p = string.find(text, ' ', 1, true)
  return string.sub(text, p + 1), string.sub(text, 1, p - 1)
end
