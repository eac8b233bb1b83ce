--! does: Ends an attempt that is not simply completed.
--! keys: res: state

-- `text` is the outcome's data, M.mark its marks; tells whether the job has ended.
function M.settleOne(id, kind, fence, ran, text, seq, sep, holder)
  local past = sep == '*' and redis.call('HGET', R .. 'state', id)
  local retries, made, deliveries, attempts = M.past(past)
  local lane, line = holder.lane, '|' .. nows .. '|' .. ran .. holder.by
  local function state(status, flags)
    return status .. '|' .. retries .. '|' .. made .. '|' .. deliveries .. '|' .. fence .. '||' .. flags .. attempts
  end
  if kind == 'w' then
    M.mark = false
    -- Who is suspect stays so: it tells nothing of what became of the holder before.
    local suspect = past and string.match(past, '^w|%d+|%d+|%d+|%d+||(s?)') or ''
    M.release(id, lane, seq, state('w', suspect), made == 0 and sep ~= '|')
    return false
  end
  made = made + 1
  if kind == 'r' or kind == 'n' then
    local p = string.find(text, '|', 1, true)
    local due = now + string.sub(text, 1, p - 1)
    if kind == 'r' then retries = retries + 1 end
    attempts = M.addAttempt(attempts, made, 'r' .. line .. string.sub(text, p + 1))
    redis.call('HSET', R .. 'state', id, state('r', ''))
    local pair, _, member = M.parts(lane)
    M.note('r', pair, M.mark)
    M.mark = false
    M.delay('r:' .. pair, pair, { string.format('%d', due), string.sub(member, 1, 2) .. '*' .. id }, due)
    if M.hears() then M.event('r', id, 'r', pair, string.sub(text, p + 1)) end
    return false
  end
  local status = kind == 'C' and 'c' or kind
  local failed = status ~= 'c'
  attempts = M.addAttempt(attempts, made, status .. line .. (failed and text or ''))
  if kind == 'C' then
    redis.call('PERSIST', R .. 'res:' .. id .. ':' .. fence)
    if sep == '|' then sep = '!' end -- so that whoever removes the job looks
  end
  local result = not failed and text ~= '' and '\n' .. text or ''
  M.finish(id, status, state(status, kind == 'C' and 'b' or '') .. result, lane, sep, M.numbers(1))
  return true
end
