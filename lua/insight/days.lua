--! does: Tells what ended on the last days, by queue.
--! uses: base fold
--! args: 3 how many days
--! reply: tag, for each day that has some: its number, queues and counts in turn
--! cost: O(days * queues)
--! keys: day:
M.fold()
local today, reply = math.floor(now / 86400000), { ARGV[1] }
for day = today - ARGV[3] + 1, today do
  local rows = redis.call('HGETALL', R .. 'day:' .. string.format('%d', day))
  if #rows > 0 then reply[#reply + 1] = { string.format('%d', day), rows } end
end
return reply
