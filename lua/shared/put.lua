--! does: Puts a job that waits into a lane.
--! keys: front l: seq
local behind = { ['^'] = '|', ['&'] = '!', ['@'] = '*' }

-- At the end of the line; with '^', '&' or '@' for a sep, '|', '!' or '*' of a job that goes to the front.
function M.put(lane, sep, id)
  local key = R .. 'l:' .. lane
  if behind[sep] then
    local place = redis.call('DECR', R .. 'front')
    redis.call('LPUSH', key, string.format('%d', place) .. behind[sep] .. id)
    M.open(lane, place)
  else
    local place = redis.call('INCR', R .. 'seq')
    if redis.call('RPUSH', key, string.format('%d', place) .. sep .. id) == 1 then M.open(lane, place) end
  end
end
