--! does: Ends attempts, and claims the next jobs in the same step.
--! uses: base numbers wake lane back due state final tomb accept take hold
--! args: 6 outcomes n; 7 kind of each: c complete, C with a result that has a key of its own,
--!   r retry, n retry that is not counted, d dead letter, x cancel, w release; then n ids, n fences,
--!   n run times in ms, n data: the result after '=', the error, or for a retry `delay|error`;
--!   then those of hold, if there is a claim
--! reply: tag, a character per outcome: o ok, a already, l lost; the claims as hold has them
--! cost: O(outcomes + jobs claimed + lanes looked at)
--! keys: claims expire f: finals jobs leases: res: state
local n, kinds = tonumber(ARGV[6]), ARGV[7]
local names, fences, rans, data = 7, 7 + n, 7 + 2 * n, 7 + 3 * n
local results = {}

if n > 0 then
  local held = call('HMGET', R .. 'claims', unpack(ARGV, names + 1, names + n))
  local seen, mine, unsure, withPast = {}, {}, {}, false
  local claims, servers, freed = {}, {}, {}
  for i = 1, n do
    local id, claim = ARGV[names + i], held[i]
    local fence, server, pool, seq, sep, lane
    if claim then
      fence, server, pool, seq, sep, lane =
        match(claim, '^(%d+)|%d+|[^|]*|([^|]*)|([^|]*)|(%-?%d+)([|!*])|(.*)$')
    end
    if fence == ARGV[fences + i] and not seen[id] then
      seen[id] = fence
      mine[#mine + 1], freed[#freed + 1] = i, id
      claims[i] = { server, pool, seq, sep, lane }
      if sep == '*' then withPast = true end
      local list = servers[server]
      if list then list[#list + 1] = id else servers[server] = { id } end
      results[i] = 'o'
    else
      results[i] = seen[id] == ARGV[fences + i] and 'a' or 'l'
      unsure[#unsure + 1] = i
    end
  end
  for k = 1, #unsure do
    local i = unsure[k]
    local state = call('HGET', R .. 'state', ARGV[names + i])
    if state and match(state, '^%w|%d+|%d+|%d+|(%d+)') == ARGV[fences + i] then results[i] = 'a' end
  end
  if #freed > 0 then
    call('HDEL', R .. 'claims', unpack(freed))
    for server, list in pairs(servers) do call('ZREM', R .. 'leases:' .. server, unpack(list)) end
    local before = withPast and call('HMGET', R .. 'state', unpack(freed)) or {}
    local number = numbers(#freed)
    local states, done, ended = {}, {}, {}
    for k = 1, #mine do
      local i, id = mine[k], freed[k]
      local server, pool, seq, sep, lane = unpack(claims[i])
      local kind, text = sub(kinds, i, i), ARGV[data + i]
      local fence, tail = ARGV[fences + i], nows .. '|' .. ARGV[rans + i] .. '|' .. server .. '|' .. pool
      if (kind == 'c' or kind == 'C') and sep == '|' and keepCompleted ~= 0 then
        -- The way of nearly every job: its first attempt, nothing special about it.
        local at = #states
        states[at + 1] = id
        states[at + 2] = 'c|0|1|0|' .. fence .. '||' .. (kind == 'C' and 'b' or '') .. '\nc|' .. tail
          .. '|' .. (text ~= '' and '\n' .. text or '')
        local entry = fmt('%d', number + k - 1) .. (kind == 'C' and '!' or '|') .. id
        local list = done[lane]
        if list then list[#list + 1] = entry else done[lane] = { entry } end
        ended[#ended + 1] = id
        if kind == 'C' then
          call('PERSIST', R .. 'res:' .. id .. ':' .. fence)
        end
      else
        local retries, made, deliveries, attempts = past(before[k])
        if kind == 'w' then
          call('HSET', R .. 'state', id, 'w|' .. retries .. '|' .. made .. '|' .. deliveries .. '|'
            .. fence .. '||' .. attempts)
          back(lane, seq, '*', id)
          local x = made == 0 and sep ~= '|'
            and match(call('HGET', R .. 'jobs', id) or '', '^%d+|%d%d|[^|]*;x(%d+);')
          if x then call('ZADD', R .. 'expire', x, id) end
        elseif kind == 'r' or kind == 'n' then
          local p = find(text, '|', 1, true)
          local due = now + sub(text, 1, p - 1)
          made, retries = made + 1, retries + (kind == 'r' and 1 or 0)
          attempts = addAttempt(attempts, made, 'r|' .. tail .. '|' .. sub(text, p + 1))
          call('HSET', R .. 'state', id, 'r|' .. retries .. '|' .. made .. '|' .. deliveries .. '|'
            .. fence .. '||' .. attempts)
          local pair, _, member = parts(lane)
          delay('r:' .. pair, pair, { fmt('%d', due), sub(member, 1, 2) .. '*' .. id }, due)
        else
          local status = kind == 'C' and 'c' or kind
          made = made + 1
          local failed = status ~= 'c'
          attempts = addAttempt(attempts, made, status .. '|' .. tail .. '|' .. (failed and text or ''))
          if kind == 'C' then call('PERSIST', R .. 'res:' .. id .. ':' .. fence) end
          finish(id, status, status .. '|' .. retries .. '|' .. made .. '|' .. deliveries .. '|' .. fence
            .. '||' .. (kind == 'C' and 'b' or '') .. attempts
            .. (not failed and text ~= '' and '\n' .. text or ''), lane, sep, number + k - 1)
          ended[#ended + 1] = id
        end
      end
    end
    if #states > 0 then call('HSET', R .. 'state', unpack(states)) end
    for lane, entries in pairs(done) do
      local pair = parts(lane)
      local length = call('LPUSH', R .. 'f:' .. pair, unpack(entries))
      if length == #entries then
        call('ZADD', R .. 'finals', match(entries[1], '^%d+'), pair)
        know(pair)
      end
      trim(pair, length, 2 * #entries + 16)
    end
    announce(ended)
  end
end

local reply = { ARGV[1], table.concat(results) }
if ARGV[8 + 4 * n] then reply[3] = claim(7 + 4 * n) else wakeOpened() end
return reply
