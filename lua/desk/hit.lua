--! does: Counts a hit of a key, if there is room for it in its window.
--! uses: base hits
--! args: 3 '1' if this request may have been carried out before; 4 key; 5 most hits; 6 ms of the window; 7 how many hits this is
--! reply: tag, '1' if it was counted, hits that count, ms until there would be room
--! cost: O(100)
--! keys: claims
local key, limit, window, count = ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local step = math.max(1, math.floor(window / 50))
local last = math.ceil((now + window) / step) * step
local hits = M.readHits(key, last)
local isCounted = ARGV[3] == '1' and hits.tag == ARGV[1]
local left, wait, i = hits.sum, 0, 1
if not isCounted and left + count <= limit then
  isCounted, hits.tag = true, ARGV[1]
  M.addHits(hits, last, count)
elseif not isCounted then
  while hits.ends[i] and left + count > limit do
    left, wait, i = left - hits.counts[i], hits.ends[i] - now, i + 1
  end
end
-- Without effect, but a write that is allowed when memory is full lets the others through.
redis.call('HDEL', R .. 'claims', '')
M.writeHits(key, hits)
return { ARGV[1], isCounted and '1' or '', string.format('%d', hits.sum), string.format('%d', wait) }
