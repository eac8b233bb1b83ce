--! does: Writes memos, or removes them.
--! uses: base memo
--! args: 3 memos n; then for each: key, ms for which it is kept ('' to remove it), value
--! reply: tag
--! cost: O(n * log n)
--! keys: claims
local n = tonumber(ARGV[3])
-- Without effect, but a write that is allowed when memory is full lets the others through.
redis.call('HDEL', R .. 'claims', '')
for i = 1, n do
  local key, ms, value = ARGV[1 + 3 * i], ARGV[2 + 3 * i], ARGV[3 + 3 * i]
  if ms == '' then M.dropMemos({ key }) else M.writeMemo(key, tonumber(ms), '', value) end
end
M.dropOldMemos(16 + 2 * n)
return { ARGV[1] }
