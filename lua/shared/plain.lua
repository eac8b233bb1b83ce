--! does: The way of nearly every new job: due now, nothing special about it, all of one lane, never sent before. It
--!   makes no function, since those of a script cost a call as much as its commands. It answers, or leaves to the
--!   script what is left to do: `old` is what was asked of `jobs`; `place` is that of the first, written into a lane that was empty.
--! keys: jobs l: seq
local n, old, place
if ARGV[3] == '' then
  n = (#ARGV - 5) / 2
  -- The first field is there when somebody listens to what happens.
  old = redis.call('HMGET', R .. 'jobs', '\nlisten', unpack(ARGV, 6, 5 + n))
  local isClear = true
  for i = 1, n + 1 do
    if old[i] then isClear = false break end
  end
  if isClear then
    local first = redis.call('INCRBY', R .. 'seq', n) - n + 1
    local head, fields, entries = nows .. '|', {}, {}
    -- A number is made into text for every tenth entry only.
    local digits = { [0] = '0|', '1|', '2|', '3|', '4|', '5|', '6|', '7|', '8|', '9|' }
    local digit = first % 10
    local tens = first < 10 and '' or string.format('%d', (first - digit) / 10)
    for i = 1, n do
      local id = ARGV[5 + i]
      fields[2 * i - 1], fields[2 * i] = id, head .. ARGV[5 + n + i]
      entries[i] = tens .. digits[digit] .. id
      digit = digit + 1
      if digit == 10 then digit, tens = 0, string.format('%d', (first + i) / 10) end
    end
    redis.call('HSET', R .. 'jobs', unpack(fields))
    if redis.call('RPUSH', R .. 'l:' .. ARGV[5], unpack(entries)) > n then return { ARGV[1], '' } end
    place = first
  end
end
