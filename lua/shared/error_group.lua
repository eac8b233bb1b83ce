--! does: Groups failures by their fingerprint: `errors`, fingerprint -> `count|first|last|ids|type NL sample`, ids the
--!   newest first with commas between them, sample opaque; `errorTimes`, fingerprints by the time of the last failure.
--! keys: errorTimes errors
local groupsKept, idsKept = 1000, 20

function M.groupError(print, sample, id, kind)
  local text = redis.call('HGET', R .. 'errors', print)
  local count, first, before = string.match(text or '', '^(%d+)|(%d+)|%d+|([^|]*)|')
  local ids = { id }
  for old in string.gmatch(before or '', '[^,]+') do
    if old ~= id and #ids < idsKept then ids[#ids + 1] = old end
  end
  redis.call('HSET', R .. 'errors', print, string.format('%d', (count or 0) + 1) .. '|' .. (first or nows) .. '|'
    .. nows .. '|' .. table.concat(ids, ',') .. '|' .. kind .. '\n' .. sample)
  redis.call('ZADD', R .. 'errorTimes', nows, print)
  if not text and redis.call('ZCARD', R .. 'errorTimes') > groupsKept then
    redis.call('HDEL', R .. 'errors', redis.call('ZPOPMIN', R .. 'errorTimes')[1])
  end
end

-- Lets go of groups that have not failed for 30 days, and of what only one of the two keys has.
function M.dropErrors()
  local old = redis.call('ZRANGEBYSCORE', R .. 'errorTimes', '-inf', now - 2592000000)
  for i = 1, #old do
    redis.call('ZREM', R .. 'errorTimes', old[i])
    redis.call('HDEL', R .. 'errors', old[i])
  end
  if redis.call('ZCARD', R .. 'errorTimes') == redis.call('HLEN', R .. 'errors') then return end
  local prints = redis.call('HKEYS', R .. 'errors')
  for i = 1, #prints do
    if not redis.call('ZSCORE', R .. 'errorTimes', prints[i]) then redis.call('HDEL', R .. 'errors', prints[i]) end
  end
  local times = redis.call('ZRANGE', R .. 'errorTimes', 0, -1)
  for i = 1, #times do
    if redis.call('HEXISTS', R .. 'errors', times[i]) == 0 then redis.call('ZREM', R .. 'errorTimes', times[i]) end
  end
end
