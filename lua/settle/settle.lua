--! does: Ends attempts, and claims the next jobs in the same step.
--! uses: base digits holder numbers names lane due final accept take hold tape
--! lazy: wake back release delay promote state status kin family put enter kids remove finish tomb special paused recall outcome fold error_group event limits park
--! args: 6 outcomes n; 7 kind of each: c complete, C with a result that has a key of its own,
--!   r retry, n retry that is not counted, d dead letter, x cancel, w release; 8 marks of each, as on the tape; 9 lines of `position|fingerprint|sample`
--!   of those whose errors are grouped; 10 what a pool has started: `fence|server|pool`, as in hold, without a fence if
--!   that is all; '' if nothing is to be written; 11 ids as JSON; 12 fence of the first; 13 how far each is above
--!   that, as JSON ('' for 0, 1, 2, ...); 14 run times in ms, texts in JSON; 15 n, or 0 if all data are ''; then
--!   so many data: the result after '=', the error, or for a retry `delay|error`;
--!   then those of hold, if there is a claim
--! reply: tag, a character per outcome: o ok, a already, l lost ('' if all are ok); the claims as
--!   hold has them
--! cost: O(outcomes + jobs claimed + lanes looked at)
--! keys: claims f: family finals gone: jobs leases: res: startMarks state
local n, kinds = tonumber(ARGV[6]), ARGV[7]
-- Columns are texts: arguments cost the client more than this costs here.
local names, rans = cjson.decode(ARGV[11]), cjson.decode(ARGV[14])
local first, above = tonumber(ARGV[12]), ARGV[13] ~= '' and cjson.decode(ARGV[13])
local data, behind = tonumber(ARGV[15]) > 0 and 15, 15 + ARGV[15]
local results, done, count, ended, signed, wrote = nil, {}, 0, {}, {}, false
-- Of those that are still the caller's: number in the call (nil if all are) and id. done: lane -> which of them are completed.
local mine, freed = nil, names

local groups = {}
if n > 0 and ARGV[9] ~= '' then
  for i, print, sample in string.gmatch(ARGV[9], '(%d+)|(%x+)|([^\n]*)\n') do groups[tonumber(i)] = { print, sample } end
end

if n > 0 then
  local find, sub, byte = string.find, string.sub, string.byte
  local held, special, bigs = redis.call('HMGET', R .. 'claims', unpack(names)), {}, {}
  -- Of those that are still the caller's: fence, where the sign in the claim is, and its code.
  local fences, places, seps, m = {}, {}, {}, 0
  local digit, tens, before, highest, seen = 9, '', -1, -1, nil
  for i = 1, n do
    local id, claim, number = names[i], held[i], first + (above and above[i] or i - 1)
    if number == before + 1 and digit < 9 then digit = digit + 1 else digit, tens = split(number) end
    before = number
    local fence, isTwice = tens .. (digits[digit] or '?'), false -- of no claim, if it is not whole
    local p = #fence + 1
    if number > highest then highest = number
    else -- Only now can it be one that was here before.
      if not seen then
        seen = {}
        for k = 1, m do seen[freed[k]] = fences[k] end
      end
      isTwice = seen[id] == fence
    end
    if claim and number >= 0 and sub(claim, 1, p - 1) == fence and byte(claim, p) == 124 and not isTwice then
      if seen then seen[id] = fence end
      local kind, q = byte(kinds, i), find(claim, '%D', p + 1)
      local sep = q and byte(claim, q)
      if sep == 45 then -- the place is below 0
        q = find(claim, '%D', q + 1)
        sep = q and byte(claim, q)
      end
      if sep ~= 124 and sep ~= 33 and sep ~= 42 then q, sep = nil, nil end -- it cannot be read
      m = m + 1
      if mine then mine[m], freed[m] = i, id end
      fences[m], places[m], seps[m] = fence, q, sep
      if kind == 67 then bigs[#bigs + 1] = R .. 'res:' .. id .. ':' .. fence end
      if sep == 33 and (kind == 67 or kind == 99) then special[#special + 1] = id end
    else
      if not mine then
        mine, freed = {}, {}
        for k = 1, m do mine[k], freed[k] = k, names[k] end
      end
      results = results or {}
      local state = not isTwice and redis.call('HGET', R .. 'state', id)
      local last = state and string.match(state, '^%w|%d+|%d+|%d+|(%d+)')
      results[i] = (isTwice or last and tonumber(last) == number) and 'a' or 'l'
      if results[i] == 'l' and string.sub(kinds, i, i) == 'C' and redis.call('EXISTS', R .. 'gone:' .. id) == 0 then
        redis.call('UNLINK', R .. 'res:' .. id .. ':' .. string.format('%d', number)) -- nobody will ever read it
      end
    end
  end
  -- Results that came by a plain SET, with an expiry that goes when the job is written.
  if #bigs > 0 and redis.call('EXISTS', unpack(bigs)) < #bigs then
    return redis.error_reply('GQM result is not there: one of ' .. #bigs)
  end
  -- Which of those whose header says more have a retention of their own.
  local own = {}
  if #special > 0 and M.keepCompleted ~= 0 then
    local records = redis.call('HMGET', R .. 'jobs', unpack(special))
    for k = 1, #special do
      local flags = records[k] and string.match(records[k], '^%d+|%d%d|([^|]*)|') or ''
      own[special[k]] = string.find(flags, ';[ck]%-?%d+;')
    end
  end
  if m > 0 then
    redis.call('HDEL', R .. 'claims', unpack(freed))
    wrote = true
    local written, w, simple, tells = {}, 0, M.keepCompleted ~= 0, not M.isQuiet()
    local middle = '||\nc|' .. nows .. '|'
    local server -- of all, as long as there is but one
    local heard = M.hears()
    local limited = M.hasLimits()
    local kin = M.hasKin() and redis.call('HMGET', R .. 'family', unpack(freed))
    if kin then M.holdKids(true) end
    for k = 1, m do
      local i, id, fence, q, sep = mine and mine[k] or k, freed[k], fences[k], places[k], seps[k]
      local claim, kind, text = held[i], byte(kinds, i), data and ARGV[data + i] or ''
      local holder = holderOf(q and claim or '', q and q + 1 or 1)
      local lane = holder.lane
      if k == 1 then server = holder.server elseif server ~= holder.server then server = nil end
      if lane and limited then M.endClaim(id, lane, sub(claim, q, q)) end
      if not lane then -- it stays until its lease ends
        redis.call('HSET', R .. 'claims', id, claim)
        results = results or {}
        results[i] = 'l'
      elseif simple and (kind == 99 or kind == 67) and sep ~= 42 and not own[id] then
        -- The way of nearly every job: its first attempt, with nothing special about how long it is kept.
        local isBig = kind == 67
        local state = 'c|0|1|0|' .. fence .. (isBig and '||b\nc|' .. nows .. '|' or middle) .. rans[i] .. holder.by
        written[w + 1], written[w + 2] = id, text == '' and state or state .. '\n' .. text
        w, count = w + 2, count + 1
        if isBig then redis.call('PERSIST', R .. 'res:' .. id .. ':' .. fence) end
        -- Whoever removes what has a sign looks at it.
        if isBig or sep == 33 then signed[id] = true end
        local same = done[lane]
        if same then same[#same + 1] = k else done[lane] = { k } end
        if tells then ended[#ended + 1] = id end
        if heard then M.event('c', id, 'c', (M.parts(lane))) end
        if kin and kin[k] then M.endedParent(id, 'o', kin[k], true) end
      else
        M.mark = sub(ARGV[8], 2 * i - 1, 2 * i)
        local seq = sub(claim, #fence + 2, q - 1)
        if M.settleOne(id, string.char(kind), fence, rans[i], text, seq, string.char(sep), holder) then
          if tells then ended[#ended + 1] = id end
        end
        local group = groups[i]
        if group then M.groupError(group[1], group[2], id, string.match(lane, '|%d%d(.*)$')) end
      end
    end
    if kin then M.holdKids(false) end
    if limited then M.giveFreed() end
    if server then redis.call('ZREM', R .. 'leases:' .. server, unpack(freed))
    else -- there are several, or one claim cannot be read
      for k = 1, m do
        local claim, q = held[mine and mine[k] or k], places[k]
        local one = holderOf(q and claim or '', q and q + 1 or 1).server
        if one then redis.call('ZREM', R .. 'leases:' .. one, freed[k]) end
      end
    end
    if w > 0 then redis.call('HSET', R .. 'state', unpack(written)) end
  end
end

if count > 0 then
  local number = M.numbers(count)
  for lane, list in pairs(done) do
    local pair, marks = M.parts(lane), ARGV[8]
    if #list < n then
      local own = {}
      for i = 1, #list do
        local at = 2 * (mine and mine[list[i]] or list[i])
        own[i] = string.sub(marks, at - 1, at)
      end
      marks = table.concat(own)
    end
    M.note('c', pair, marks)
    local digit, tens = split(number)
    for i = 1, #list do
      local id = freed[list[i]]
      list[i] = tens .. digits[digit] .. (signed[id] and '!' or '|') .. id
      digit = digit + 1
      if digit == 10 then digit, tens = split(number + i) end
    end
    local length = redis.call('LPUSH', R .. 'f:' .. pair, unpack(list))
    if length == #list then
      redis.call('ZADD', R .. 'finals', string.format('%d', number), pair)
      M.know(pair)
    end
    number = number + #list
    -- Small batches look at the oldest now and then only: each look takes more than it must.
    if #list >= 8 or length > M.maxCount or number % 8 == 0 then M.trim(pair, length, 2 * #list + 16) end
  end
end
M.announce(ended)

if ARGV[10] ~= '' then
  local fence, pool = string.match(ARGV[10], '^(%d*)|(.*)$')
  if fence == '' then
    redis.call('HDEL', R .. 'startMarks', pool)
  else
    if not wrote then redis.call('HDEL', R .. 'claims', '') end -- as in a heartbeat: memory may be full
    redis.call('HSET', R .. 'startMarks', pool, fence)
    M.marked = true
  end
end

-- The claim comes last: whatever it meets, the outcomes are written whole.
local reply = { ARGV[1], '' }
if results then
  for i = 1, n do results[i] = results[i] or 'o' end
  reply[2] = table.concat(results)
end
if ARGV[behind + 1] then reply[3] = M.claim(behind) else M.wakeOpened() end
return reply
