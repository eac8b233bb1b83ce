--! does: Reads schedules: those of some ids, a page in the order of ids, or those that are due next.
--! uses: base
--! args: 3 how many: of the page, or due ones; 4 i by id, p a page, d due; 5 cursor, or ''; 6 ids n; then n ids
--! reply: tag, now, when the next one is due beside those that are ('' if none is known), ids and schedules in turn
--! cost: O(schedules read)
--! keys: schedDue schedIds schedules
local limit, what, ids, next, n = tonumber(ARGV[3]), ARGV[4], {}, '', tonumber(ARGV[6])
if what == 'p' then
  ids = redis.call('ZRANGEBYLEX', R .. 'schedIds', ARGV[5] == '' and '-' or '(' .. ARGV[5], '+', 'LIMIT', 0, limit)
elseif what == 'd' then
  ids = redis.call('ZRANGEBYSCORE', R .. 'schedDue', '-inf', nows, 'LIMIT', 0, limit)
  next = redis.call('ZRANGE', R .. 'schedDue', #ids, #ids, 'WITHSCORES')[2] or ''
end
for i = 1, n do ids[#ids + 1] = ARGV[6 + i] end
local reply = {}
if #ids > 0 then
  local found = redis.call('HMGET', R .. 'schedules', unpack(ids))
  for i = 1, #ids do
    if found[i] then reply[#reply + 1], reply[#reply + 2] = ids[i], found[i] end
  end
end
return { ARGV[1], nows, next, reply }
