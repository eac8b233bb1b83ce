--! does: Writes a memo if there is none with its key.
--! uses: base memo
--! args: 3 '1' if this request may have been carried out before; 4 key; 5 ms for which it is kept; 6 value
--! reply: tag, and the value that is there, if it was not written
--! cost: O(log n)
--! keys: claims memo:
local key = ARGV[4]
local value, tag = M.memoOf(redis.call('GET', R .. 'memo:' .. key))
if value and not (ARGV[3] == '1' and tag == ARGV[1]) then return { ARGV[1], value } end
-- Without effect, but a write that is allowed when memory is full lets the others through.
redis.call('HDEL', R .. 'claims', '')
if not value then M.writeMemo(key, tonumber(ARGV[5]), ARGV[1], ARGV[6]) end
M.dropOldMemos(16)
return { ARGV[1] }
