--! does: Lists scheduled or retry jobs, the one that is due last first.
--! uses: base
--! args: 3 'd' or 'r'; 4 queue or '' for all; 5 type or ''; 6 most jobs; 7 and 8 due time and zset
--!   member of the last job of the page before, or ''
--! reply: tag, due time and member from which to go on ('' at the end), ids
--! cost: O(pairs * (log n + page))
--! keys: pairs
local prefix, queue, kind, limit = ARGV[3] .. ':', ARGV[4], ARGV[5], tonumber(ARGV[6])
local cursorDue, cursorId = tonumber(ARGV[7]), ARGV[8]
local names, all = {}, redis.call('SMEMBERS', R .. 'pairs')
for i = 1, #all do
  local p = string.find(all[i], '|', 1, true)
  if (queue == '' or string.sub(all[i], 1, p - 1) == queue) and (kind == '' or string.sub(all[i], p + 1) == kind) then
    names[#names + 1] = all[i]
  end
end
local jobs = {}
for i = 1, #names do
  local top = cursorDue and string.format('%d', cursorDue) or '+inf'
  local found = redis.call('ZREVRANGEBYSCORE', R .. prefix .. names[i], top, '-inf', 'WITHSCORES', 'LIMIT', 0, limit + 1)
  -- Jobs due at the very time of the cursor may fill the page: look at all of them.
  if cursorDue then
    local same = redis.call('ZRANGEBYSCORE', R .. prefix .. names[i], top, top)
    for j = 1, #same do
      if string.sub(same[j], 4) < cursorId then jobs[#jobs + 1] = { cursorDue, string.sub(same[j], 4) } end
    end
    if #same > 0 then
      found = redis.call('ZREVRANGEBYSCORE', R .. prefix .. names[i], '(' .. top, '-inf', 'WITHSCORES', 'LIMIT', 0, limit + 1)
    end
  end
  for j = 1, #found, 2 do jobs[#jobs + 1] = { tonumber(found[j + 1]), string.sub(found[j], 4) } end
end
table.sort(jobs, function(a, b)
  if a[1] ~= b[1] then return a[1] > b[1] end
  return a[2] > b[2]
end)
local ids = {}
for i = 1, #jobs < limit and #jobs or limit do ids[i] = jobs[i][2] end
local last = #jobs > limit and jobs[limit]
return { ARGV[1], last and string.format('%d', last[1]) or '', last and last[2] or '', ids }
