--! does: Claims: takes ready jobs and writes who holds them, as
--!     fence|seq sep claimed|tag|server|pool|lane
--!   args from o: 1 most jobs; 2 how many of them ahead ('' for none); 3 server; 4 pool; 5 lease in ms; 6 '1' after a
--!   wake token was taken; 7 '1' if this request may have been carried out before; 8 queue that the source of all
--!   queues was served from last; 9 sources s; then for each: queue ('' for all that are not named), share,
--!   types t, t types
--!   A lease is provisional where M.provisional says so: that it ends on half a millisecond tells it from others, until
--!   it is extended.
--!   What is claimed ahead begins at the mark of its pool, `startMarks`: server|pool -> the lowest fence that the
--!   pool has not started. M.marked: whether this call has written it.
--!   reply: first fence, ms until the next delayed job is due (''), '1' if there may be more, `q` and a number
--!   of queues that were not looked at; queue served last, now, ids, records, the past of those that have one: position,
--!   state, told, log lines; and if this is a repeat: for each job fence|time of its claim
--! keys: claims leases: limits looks servers startMarks
M.paused, M.marked, M.provisional = false, false, false

function M.answer(fence, due, turn, claimed)
  local wait = due and (due > now and due - now or 0)
  return {
    fence and string.format('%d', fence) or '', wait and string.format('%d', wait) or '', M.more and '1' or M.unseen > 0 and 'q' .. M.unseen or '', turn, nows,
    M.ids, M.records, next(M.states) and M.pasts() or {}, claimed,
  }
end

-- Writes claims and leases of all that was taken; gives the first fence.
function M.hold(server, pool, lease)
  local ids, places, lanes = M.ids, M.places, M.lanes
  local n = #ids
  local fence = M.numbers(n)
  local ends, tails = string.format(M.provisional and '%d.5' or '%d', now + lease), {}
  local sentinel = string.rep('~', 65)
  local leases, claims, digit, tens = { 'inf', sentinel }, {}, split(fence)
  for k = 1, n do
    local lane, id = lanes[k], ids[k]
    local tail = tails[lane]
    if not tail then
      tail = nows .. '|' .. ARGV[1] .. '|' .. server .. '|' .. pool .. '|' .. lane
      tails[lane] = tail
    end
    leases[2 * k + 1], leases[2 * k + 2] = ends, id
    claims[2 * k - 1], claims[2 * k] = id, tens .. digits[digit] .. '|' .. places[k] .. tail
    digit = digit + 1
    if digit == 10 then digit, tens = split(fence + k) end
  end
  if redis.call('ZADD', R .. 'leases:' .. server, unpack(leases)) > n then
    redis.call('ZADD', R .. 'servers', nows, server)
    redis.call('HSET', R .. 'claims', sentinel, '')
  end
  redis.call('HSET', R .. 'claims', unpack(claims))
  if M.hears() then
    for k = 1, n do M.event('p', ids[k], 'p', (M.parts(lanes[k]))) end
  end
  if M.limited then M.writeSpent() end
  return fence
end

-- Makes some of the due jobs ready; gives the next due time.
function M.promoteDue()
  if M.isQuiet() then return nil end
  local due = M.nextDue()
  if due and M.quiet == 1 then M.quiet = 0 end -- there is nothing else
  if not due or due > now then return due end
  local _, later = M.promote(256)
  return later
end

-- The whole of a claim; gives the reply.
function M.claim(o)
  local need, ahead, server, pool, turn = tonumber(ARGV[o + 1]), tonumber(ARGV[o + 2]), ARGV[o + 3], ARGV[o + 4], ARGV[o + 8]
  local sources, slots = tonumber(ARGV[o + 9]), ahead and need - ahead
  if ARGV[o + 7] == '1' then
    local fence, claimed = M.recall(server, ARGV[o + 5])
    if fence then
      if ahead and claimed[slots + 1] and not M.marked then
        redis.call('HSETNX', R .. 'startMarks', server .. '|' .. pool, (string.match(claimed[slots + 1], '^%d+')))
      end
      return M.answer(fence, M.nextDue(), turn, claimed)
    end
  end
  local due = M.promoteDue()
  if not M.isQuiet() then
    M.readPaused()
    M.limited = M.hasLimits()
    if M.limited then M.lookAround() end
  end
  local list, named, at, ratio = {}, {}, o + 9, nil
  -- What lies with a pool would keep slots from jobs that could run.
  if ahead and M.limited and redis.call('EXISTS', R .. 'limits') == 1 then
    ratio = slots / need
    need = slots
  end
  for s = 1, sources do
    local t, share = tonumber(ARGV[at + 3]), tonumber(ARGV[at + 2])
    local types = {}
    for i = 1, t do types[i] = ARGV[at + 3 + i] end
    if M.paused then types = M.unpaused(ARGV[at + 1], types) end
    list[s] = { ARGV[at + 1], ratio and math.floor(share * ratio + 0.5) or share, types }
    if M.limited then M.readRules(types) end
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
        if queue == '' then n, turn = M.takeInTurn(named, turn, types, filter, want)
        else n = M.take(queue, types, filter, want) end
        left = left - n
        list[s].dry = n < want
      end
    end
  end
  local fence = #M.ids > 0 and M.hold(server, pool, ARGV[o + 5])
  if ahead and M.ids[slots + 1] and not M.marked then
    redis.call('HSETNX', R .. 'startMarks', server .. '|' .. pool, string.format('%d', fence + slots))
  end
  if left == 0 and ARGV[o + 6] == '1' then M.passOn(list, named) end
  if M.limited then
    M.noteWaiting(left == 0)
    M.earlier = false -- whoever claims is told
    local look = tonumber(redis.call('ZRANGE', R .. 'looks', 0, 0, 'WITHSCORES')[2])
    if look and (not due or look < due) then due = look end
  end
  M.wakeOpened()
  return M.answer(fence, due, turn)
end
