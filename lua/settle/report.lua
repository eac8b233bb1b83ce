--! does: Writes progress and log lines of running jobs.
--! uses: base names due event
--! args: 3 reports n; 4 '1' if this request may have been carried out before; then for each: id, fence, progress (`value|message` or ''), lines l, l lines
--! reply: tag, a character per report: o ok, l lost
--! cost: O(lines)
--! keys: claims log: said: told
local n, at, results = tonumber(ARGV[3]), 4, {}
-- Lines written twice would be there twice: a repeat answers what was answered first.
local said = ARGV[4] == '1' and redis.call('GET', R .. 'said:' .. ARGV[1])
if said then return { ARGV[1], said } end
for i = 1, n do
  local id, fence, progress, lines = ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], tonumber(ARGV[at + 4])
  local claim = redis.call('HGET', R .. 'claims', id)
  if claim and string.match(claim, '^%d+') == fence then
    results[i] = 'o'
    -- Whatever ends the job must know that there is more to remove.
    local head, tail = string.match(claim, '^(%d+|%-?%d+)|(.*)$')
    if head then redis.call('HSET', R .. 'claims', id, head .. '!' .. tail) end
    if progress ~= '' then
      redis.call('HSET', R .. 'told', id, nows .. '|' .. progress)
      local lane = M.hears() and string.match(claim, '^%d+|%-?%d+[|!*]%d+|[^|]*|[^|]*|[^|]*|([^|]*|%d%d.*)$')
      if lane then M.event('u', id, 'p', (M.parts(lane)), progress) end
    else redis.call('HSETNX', R .. 'told', id, '')
    end
    if lines > 0 then
      local texts = {}
      for j = 1, lines do texts[j] = nows .. '|' .. ARGV[at + 4 + j] end
      redis.call('RPUSH', R .. 'log:' .. id, unpack(texts))
      redis.call('LTRIM', R .. 'log:' .. id, -100, -1)
    end
  else
    results[i] = 'l'
  end
  at = at + 4 + lines
end
if M.events then M.tellEvents() end
redis.call('SET', R .. 'said:' .. ARGV[1], table.concat(results), 'EX', 60)
return { ARGV[1], table.concat(results) }
