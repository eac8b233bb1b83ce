--! does: Lists the children of a job that are still there, by their numbers.
--! uses: base due kin family
--! args: 3 id; 4 most children; 5 number of the last one of the page before, or '0'
--! reply: tag, the number from which to go on ('' at the end), ids
--! cost: O(log n + page)
--! keys: jobs
local limit, ids, next = tonumber(ARGV[4]), {}, ''
if redis.call('HEXISTS', R .. 'jobs', ARGV[3]) == 0 then return { ARGV[1], '', ids } end
local found = M.kidsOf(ARGV[3], ARGV[5], '+inf', limit + 1)
if #found > 2 * limit then next = found[2 * limit] end
for i = 1, #found < 2 * limit and #found or 2 * limit, 2 do
  if redis.call('HEXISTS', R .. 'jobs', found[i]) == 1 then ids[#ids + 1] = found[i] end
end
return { ARGV[1], next, ids }
