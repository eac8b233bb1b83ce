--! does: What every script begins with: short names, the root of all keys, the time.
--! args: 1 tag of the request, which the reply repeats; 2 the time in ms, or '' for Redis's own.
--! keys: none
local call, sub, find, match = redis.call, string.sub, string.find, string.match
local floor, fmt = math.floor, string.format
local R = KEYS[1]
local now, us
if ARGV[2] == '' then
  local t = call('TIME')
  us = t[1] * 1000000 + t[2]
  now = floor(us / 1000)
else
  now = tonumber(ARGV[2])
  us = now * 1000
end
local nows = fmt('%d', now)
