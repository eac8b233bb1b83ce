--! does: Hits of a key: `hits:{key}`, `tag|end:count,…`, how many count until when, by their ends, and the tag of the
--!   request that was counted last. As in src/store/hits.ts.
--! keys: hits:

-- For how long Redis keeps them after the last end, as it does memos: see memo.lua.
local SPARE = 60000

-- Those that count now; what would count for longer than until `last` does so until then. `from` is the text as it is.
function M.readHits(key, last)
  local hits = { from = redis.call('GET', R .. 'hits:' .. key) or '', ends = {}, counts = {}, sum = 0 }
  hits.tag = string.match(hits.from, '^([^|]*)|') or ''
  for ends, count in string.gmatch(hits.from, '(%d+):(%d+)') do
    ends = tonumber(ends)
    if ends > now then M.addHits(hits, ends < last and ends or last, tonumber(count)) end
  end
  return hits
end

-- Adds some that count for at least as long as all others.
function M.addHits(hits, ends, count)
  local n = #hits.ends
  if hits.ends[n] ~= ends then n = n + 1 end
  hits.ends[n], hits.counts[n], hits.sum = ends, (hits.counts[n] or 0) + count, hits.sum + count
end

function M.writeHits(key, hits)
  local n, parts = #hits.ends, {}
  if n == 0 then return redis.call('UNLINK', R .. 'hits:' .. key) end
  for i = 1, n do parts[i] = string.format('%d:%d', hits.ends[i], hits.counts[i]) end
  local text = hits.tag .. '|' .. table.concat(parts, ',')
  if text == hits.from then return end
  redis.call('SET', R .. 'hits:' .. key, text, 'PX', string.format('%d', hits.ends[n] - now + SPARE))
end
