--! does: Reads memos.
--! uses: base memo
--! args: 3 to the end: keys, at least one
--! reply: tag, for each '=' and its value, or '' if there is none
--! cost: O(keys)
--! keys: memo:
local names, reply = {}, { ARGV[1] }
for i = 3, #ARGV do names[i - 2] = R .. 'memo:' .. ARGV[i] end
local texts = redis.call('MGET', unpack(names))
for i = 1, #names do
  local value = M.memoOf(texts[i])
  reply[i + 1] = value and '=' .. value or ''
end
return reply
