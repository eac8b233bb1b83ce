--! does: Claims: takes ready jobs and writes who holds them.
--!   args from o: 1 most jobs; 2 server; 3 pool; 4 lease in ms; 5 '1' after a wake token was taken;
--!     6 '1' if this request may have been carried out before; 7 queue that the source of all queues
--!     was served from last; 8 sources s; then for each: queue ('' for all that are not named), share,
--!     types t, t types
--!   reply: first fence, ms until the next delayed job is due (''), '1' if there may be more,
--!     queue served last, ids, records, states, told, log lines (a list for each job), now, and if this
--!     is a repeat: for each job fence|time of its claim
--! keys: active claims jobs leases: log: servers state told

-- Told and logs of the jobs that ran before.
local function pasts()
  local told, logs = {}, {}
  for k = 1, #ids do
    if states[k] ~= '' then
      local text = call('HGET', R .. 'told', ids[k])
      if text then told[k], logs[k] = text, call('LRANGE', R .. 'log:' .. ids[k], 0, -1) end
    end
    told[k], logs[k] = told[k] or '', logs[k] or {}
  end
  return told, logs
end

local function answer(fence, due, turn, claimed)
  local told, logs = pasts()
  local wait = due and (due > now and due - now or 0)
  return {
    fence and fmt('%d', fence) or '', wait and fmt('%d', wait) or '', more and '1' or '', turn,
    ids, records, states, told, logs, nows, claimed,
  }
end

local sentinel = string.rep('~', 65)

-- What an earlier call of this very request claimed, if its reply was lost.
local function recall(server)
  local fences = {}
  local held = call('ZRANGE', R .. 'leases:' .. server, 0, -1)
  local claims = call('HMGET', R .. 'claims', sentinel, unpack(held))
  for i = 1, #held do
    local claim = claims[i + 1]
    if claim and match(claim, '^%d+|%d+|([^|]*)|') == ARGV[1] then
      fences[#fences + 1] = { tonumber(match(claim, '^%d+')), held[i], match(claim, '^%d+|%d+') }
    end
  end
  if #fences == 0 then return nil end
  table.sort(fences, function(a, b) return a[1] < b[1] end)
  local claimed = {}
  for i = 1, #fences do ids[i], claimed[i] = fences[i][2], fences[i][3] end
  local read, past = call('HMGET', R .. 'jobs', unpack(ids)), call('HMGET', R .. 'state', unpack(ids))
  for i = 1, #ids do records[i], states[i] = read[i] or '', past[i] or '' end
  return fences[1][1], claimed
end

local function claim(o)
  local need, server, pool, lease = tonumber(ARGV[o + 1]), ARGV[o + 2], ARGV[o + 3], ARGV[o + 4]
  local turn, sources = ARGV[o + 7], tonumber(ARGV[o + 8])
  if ARGV[o + 6] == '1' then
    local fence, claimed = recall(server)
    if fence then return answer(fence, nextDue(), turn, claimed) end
  end
  local _, due = promote(256)
  local list, named, at = {}, {}, o + 8
  for s = 1, sources do
    local t = tonumber(ARGV[at + 3])
    list[s] = { ARGV[at + 1], tonumber(ARGV[at + 2]), { unpack(ARGV, at + 4, at + 3 + t) } }
    named[ARGV[at + 1]] = true
    at = at + 3 + t
  end
  local left = need
  for pass = 1, sources == 1 and 1 or 2 do
    for s = 1, sources do
      local queue, share, types = list[s][1], list[s][2], list[s][3]
      local want = (pass == 2 or sources == 1 or share > left) and left or share
      if want > 0 and #types > 0 and not (pass == 2 and list[s].dry) then
        local filter = '\n' .. table.concat(types, '\n') .. '\n'
        local n
        if queue == '' then n, turn = takeInTurn(named, turn, types, filter, want)
        else n = take(queue, types, filter, want) end
        left = left - n
        list[s].dry = n < want
      end
    end
  end
  local n = #ids
  local fence
  if n > 0 then
    fence = numbers(n)
    local ends = fmt('%d', now + lease)
    local leases, claims = { 'inf', sentinel }, {}
    for k = 1, n do
      leases[2 * k + 1], leases[2 * k + 2] = ends, ids[k]
      claims[2 * k - 1] = ids[k]
      claims[2 * k] = fmt('%d', fence + k - 1) .. '|' .. nows .. '|' .. ARGV[1] .. '|' .. server .. '|'
        .. pool .. '|' .. places[k]
    end
    if call('ZADD', R .. 'leases:' .. server, unpack(leases)) > n then
      call('ZADD', R .. 'servers', nows, server)
      call('HSET', R .. 'claims', sentinel, '')
    end
    call('HSET', R .. 'claims', unpack(claims))
  end
  -- Who was woken and leaves work behind wakes the next.
  if left == 0 and ARGV[o + 5] == '1' then
    for s = 1, sources do
      local queues = list[s][1] == '' and call('SMEMBERS', R .. 'active') or { list[s][1] }
      local filter = '\n' .. table.concat(list[s][3], '\n') .. '\n'
      for i = 1, #queues < 64 and #queues or 64 do
        if list[s][1] ~= '' or not named[queues[i]] then
          local lanes = lanesOf(queues[i], list[s][3], filter)
          if lanes[1] then opened[queues[i] .. '|' .. sub(lanes[1], 3)] = queues[i] .. '|' .. lanes[1] end
        end
      end
    end
  end
  wakeOpened()
  return answer(fence, due, turn)
end
