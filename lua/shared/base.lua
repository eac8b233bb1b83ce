--! does: What every script begins with: the root of all keys, the time, and the
--!   table of shared functions (a table, since a closure costs what it captures).
--! args: 1 tag of the request, which the reply repeats; 2 the time in ms, or '' for Redis's own.
--! keys: none
local R = KEYS[1]
local now, us
if ARGV[2] == '' then
  local t = redis.call('TIME')
  us = t[1] * 1000000 + t[2]
  now = math.floor(us / 1000)
else
  now = tonumber(ARGV[2])
  us = now * 1000
end
local nows = string.format('%d', now)
local M = { quiet = 'unknown', hearing = 'unknown', events = false }
