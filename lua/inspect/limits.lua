--! does: Lists all rules, and what is used of them.
--! uses: base
--! args: none
--! reply: tag, the time, then for each rule: name, `concurrency|tokens|ms|burst`, claims, bucket ('' if it is full)
--! cost: O(rules)
--! keys: buckets limits slots:
local reply, all = { ARGV[1], nows }, redis.call('HGETALL', R .. 'limits')
for i = 1, #all, 2 do
  local name = all[i]
  reply[#reply + 1] = {
    name, all[i + 1], redis.call('ZCARD', R .. 'slots:' .. name), redis.call('HGET', R .. 'buckets', name) or '',
  }
end
return reply
