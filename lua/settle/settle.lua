--! does: Ends attempts, and claims the next jobs in the same step.
--! uses: base numbers names lane due final accept take hold tape
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
local results, done, which, count, ended, signed, wrote = nil, {}, {}, 0, {}, {}, false

local groups = {}
if n > 0 and ARGV[9] ~= '' then
  for i, print, sample in string.gmatch(ARGV[9], '(%d+)|(%x+)|([^\n]*)\n') do groups[tonumber(i)] = { print, sample } end
end

-- Server, pool and lane of a claim, by what its text ends with: the same for most of a batch. Nothing of one
-- that cannot be read.
local holders = {}
local function holderOf(tail)
  local holder = holders[tail]
  if not holder then
    local server, pool, lane = string.match(tail, '^%d+|[^|]*|([^|]*)|([^|]*)|([^|]*|%d%d.*)$')
    holder = lane and { server = server, lane = lane, by = '|' .. server .. '|' .. pool .. '|' } or {}
    holders[tail] = holder
  end
  return holder
end

if n > 0 then
  local held, seen = redis.call('HMGET', R .. 'claims', unpack(names)), {}
  local mine, freed, fences, servers, seps, special, bigs = {}, {}, {}, {}, {}, {}, {}
  for i = 1, n do
    local id, claim, number = names[i], held[i], first + (above and above[i] or i - 1)
    local fence = claim and string.match(claim, '^(%d+)|')
    if fence and tonumber(fence) == number and not seen[id] then
      seen[id] = number
      local k, kind = #mine + 1, string.byte(kinds, i)
      local q = string.find(claim, '[|!*]', #fence + 2)
      mine[k], freed[k], fences[k], seps[k] = i, id, fence, q
      if kind == 67 then bigs[#bigs + 1] = R .. 'res:' .. id .. ':' .. fence end
      if q and (kind == 67 or kind == 99) and string.byte(claim, q) == 33 then special[#special + 1] = id end
    else
      results = results or {}
      local state = seen[id] ~= number and redis.call('HGET', R .. 'state', id)
      local last = state and string.match(state, '^%w|%d+|%d+|%d+|(%d+)')
      results[i] = (seen[id] == number or last and tonumber(last) == number) and 'a' or 'l'
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
  if #freed > 0 then
    redis.call('HDEL', R .. 'claims', unpack(freed))
    wrote = true
    local written = {}
    local heard = M.hears()
    local limited = M.hasLimits()
    local kin = M.hasKin() and redis.call('HMGET', R .. 'family', unpack(freed))
    if kin then M.holdKids(true) end
    for k = 1, #mine do
      local i, id = mine[k], freed[k]
      local claim, fence, kind, text = held[i], fences[k], string.sub(kinds, i, i), data and ARGV[data + i] or ''
      local q = seps[k]
      local holder = holderOf(q and string.sub(claim, q + 1) or '')
      local list = servers[holder.server or '']
      if limited and holder.lane then M.endClaim(id, holder.lane, string.sub(claim, q, q)) end
      if list then list[#list + 1] = id elseif holder.lane then servers[holder.server] = { id } end
      if not holder.lane then -- it stays until its lease ends
        redis.call('HSET', R .. 'claims', id, claim)
        results = results or {}
        results[i] = 'l'
      elseif (kind == 'c' or kind == 'C') and string.byte(claim, q) ~= 42 and not own[id] and M.keepCompleted ~= 0 then
        -- The way of nearly every job: its first attempt, with nothing special about how long it is kept.
        local at, isBig = #written, kind == 'C'
        written[at + 1] = id
        written[at + 2] = 'c|0|1|0|' .. fence .. (isBig and '||b\nc|' or '||\nc|') .. nows .. '|' .. rans[i] .. holder.by
          .. (text ~= '' and '\n' .. text or '')
        count = count + 1
        if isBig then redis.call('PERSIST', R .. 'res:' .. id .. ':' .. fence) end
        -- Whoever removes what has a sign looks at it.
        if isBig or string.byte(claim, q) == 33 then signed[id] = true end
        local same = done[holder.lane]
        if same then
          local at = #same + 1
          same[at], which[same][at] = id, i
        else
          same = { id }
          done[holder.lane], which[same] = same, { i }
        end
        ended[#ended + 1] = id
        if heard then M.event('c', id, 'c', (M.parts(holder.lane))) end
        if kin and kin[k] then M.endedParent(id, 'o', kin[k], true) end
      else
        local seq, sep = string.sub(claim, #fence + 2, q - 1), string.sub(claim, q, q)
        M.mark = string.sub(ARGV[8], 2 * i - 1, 2 * i)
        if M.settleOne(id, kind, fence, rans[i], text, seq, sep, holder) then
          ended[#ended + 1] = id
        end
        local group = groups[i]
        if group then M.groupError(group[1], group[2], id, string.match(holder.lane, '|%d%d(.*)$')) end
      end
    end
    if kin then M.holdKids(false) end
    if limited then M.giveFreed() end
    for server, list in pairs(servers) do redis.call('ZREM', R .. 'leases:' .. server, unpack(list)) end
    if #written > 0 then redis.call('HSET', R .. 'state', unpack(written)) end
  end
end

if count > 0 then
  local number = M.numbers(count)
  for lane, list in pairs(done) do
    local pair, marks = M.parts(lane), ARGV[8]
    if #list < n then
      local own = which[list]
      for i = 1, #list do own[i] = string.sub(marks, 2 * own[i] - 1, 2 * own[i]) end
      marks = table.concat(own)
    end
    M.note('c', pair, marks)
    for i = 1, #list do list[i] = string.format(signed[list[i]] and '%d!' or '%d|', number + i - 1) .. list[i] end
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
