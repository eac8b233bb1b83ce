--! does: Lists memos whose keys begin with a text, by their keys.
--! uses: base memo
--! args: 3 text; 4 key of the last page's last one, or ''; 5 most keys
--! reply: tag, key from which the next page goes on ('' if there is none), then key, end and value of each
--! cost: O(log n + keys)
--! keys: memo: memos
local prefix, after, limit = ARGV[3], ARGV[4], tonumber(ARGV[5])
-- No character of a key is as high as the last one.
local from, to = after == '' and '[' .. prefix or '(' .. after, '(' .. prefix .. '\127'
local keys = redis.call('ZRANGEBYLEX', R .. 'memos', from, to, 'LIMIT', 0, limit + 1)
local reply = { ARGV[1], keys[limit + 1] and keys[limit] or '' }
for i = 1, math.min(#keys, limit) do
  local value, _, ends = M.memoOf(redis.call('GET', R .. 'memo:' .. keys[i]))
  if value then
    local n = #reply
    reply[n + 1], reply[n + 2], reply[n + 3] = keys[i], ends, value
  end
end
return reply
