--! does: Reads events after a number, and has others keep them for a while.
--! uses: base
--! args: 3 number, or '' for none; 4 how long they are kept, in ms; 5 most events
--! reply: tag, number of the oldest event that is there, of the last one, of the first in the reply, now, events
--! cost: O(events)
--! keys: claims events evwait jobs listen
local ms, limit = ARGV[4], tonumber(ARGV[5])
-- Without effect, but a write that is allowed when memory is full lets the others through.
redis.call('HDEL', R .. 'claims', '')
if redis.call('SET', R .. 'listen', string.format('%d', us), 'NX', 'PX', ms) then
  redis.call('UNLINK', R .. 'events') -- it may be older
else
  redis.call('PEXPIRE', R .. 'listen', ms)
  redis.call('PEXPIRE', R .. 'events', ms)
end
redis.call('HSET', R .. 'jobs', '\nlisten', '1')
local last = tonumber(redis.call('GET', R .. 'listen'))
local first = last - redis.call('LLEN', R .. 'events') + 1
local from = tonumber(ARGV[3]) or last
if from < first - 1 then from = first - 1 elseif from > last then from = last end
local list = {}
if from < last then list = redis.call('LRANGE', R .. 'events', from + 1 - first, from - first + limit)
else redis.call('SET', R .. 'evwait', '1', 'PX', ms) end
return { ARGV[1], string.format('%d', first), string.format('%d', last), string.format('%d', from + 1), nows, list }
