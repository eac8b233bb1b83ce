--! does: Lists scheduled or retry jobs, the one that is due last first.
--! uses: base known
--! args: 3 'd' or 'r'; 4 queue or '' for all; 5 type or ''; 6 most jobs; 7 and 8 due time and zset
--!   member of the last job of the page before, or ''
--! reply: tag, due time and member from which to go on ('' at the end), ids
--! cost: O(pairs * (log n + page))
--! keys: none
local prefix, queue, kind, limit = ARGV[3] .. ':', ARGV[4], ARGV[5], tonumber(ARGV[6])
local cursorDue, cursorMember = tonumber(ARGV[7]), ARGV[8]
local names = M.pairsOf(queue, kind)
local jobs = {}
for i = 1, #names do
  local key, from = R .. prefix .. names[i], 0
  if cursorDue then
    -- The first that is due before the cursor, or at the same time with a lesser member.
    local due = string.format('%d', cursorDue)
    local low = redis.call('ZCOUNT', key, '(' .. due, '+inf')
    local high = low + redis.call('ZCOUNT', key, due, due)
    while low < high do
      local mid = math.floor((low + high) / 2)
      if redis.call('ZREVRANGE', key, mid, mid)[1] < cursorMember then high = mid else low = mid + 1 end
    end
    from = low
  end
  local found = redis.call('ZREVRANGE', key, from, from + limit, 'WITHSCORES')
  for j = 1, #found, 2 do jobs[#jobs + 1] = { tonumber(found[j + 1]), found[j] } end
end
table.sort(jobs, function(a, b)
  if a[1] ~= b[1] then return a[1] > b[1] end
  return a[2] > b[2]
end)
local ids = {}
for i = 1, #jobs < limit and #jobs or limit do ids[i] = string.sub(jobs[i][2], 4) end
local last = #jobs > limit and jobs[limit]
return { ARGV[1], last and string.format('%d', last[1]) or '', last and last[2] or '', ids }
