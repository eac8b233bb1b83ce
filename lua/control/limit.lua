--! does: Sets a rule, or removes it. A new one counts what is claimed already.
--! uses: base wake names lane due back state held limits park
--! lazy: event
--! args: 3 name of the rule; 4 `concurrency|tokens|ms|burst`, or '' to remove it; 5 most rules
--! reply: tag, '1', or '' if there would be too many
--! cost: O(claims) for a new rule, O(log n) for others
--! keys: blocked: bucketEnds buckets claims jobs limits slots:
local name, text = ARGV[3], ARGV[4]
local what, of = string.sub(name, 1, 2), string.sub(name, 3)
local isNew = redis.call('HEXISTS', R .. 'limits', name) == 0
if text ~= '' and isNew and redis.call('HLEN', R .. 'limits') >= tonumber(ARGV[5]) then return { ARGV[1], '' } end
-- Without effect, but a write that is allowed when memory is full lets the others through.
redis.call('HDEL', R .. 'claims', '')

-- Adds the claims that count for the rule, of some.
local function enter(ids, kinds)
  local records = what == 't:' and {} or redis.call('HMGET', R .. 'jobs', unpack(ids))
  local members = {}
  for i = 1, #ids do
    local key = what ~= 't:' and M.keyOf(records[i])
    if what == 't:' or key and (what == 'p:' or key == of) then
      if what == 'k:' or kinds[i] == of then
        members[#members + 1], members[#members + 2] = 0, (what == 'p:' and key or '') .. '\n' .. ids[i]
      end
    end
  end
  if #members > 0 then redis.call('ZADD', R .. 'slots:' .. name, unpack(members)) end
end

-- The rate changes: the bucket goes on by the new one, as carriedOver in meter.ts has it.
local function carryOver(old, new)
  if not new.ms or old.ms == new.ms and old.tokens == new.tokens and old.burst == new.burst then return end
  local from = old.ms and old or new
  local meter = { name = name, rule = { tokens = from.tokens, ms = from.ms, burst = from.burst } }
  M.room(meter)
  local level = meter.level
  if from.ms ~= new.ms then level = math.floor(level * new.ms / from.ms) end
  if meter.level == from.burst * from.ms or level >= new.burst * new.ms then
    redis.call('HDEL', R .. 'buckets', name)
    redis.call('ZREM', R .. 'bucketEnds', name)
  else
    M.spent[name] = { rule = new, level = level }
    M.writeSpent()
  end
end

if text == '' then
  redis.call('HDEL', R .. 'limits', name)
  redis.call('UNLINK', R .. 'slots:' .. name)
else
  local old = M.ruleOf(name) or {}
  M.rules[name] = nil
  redis.call('HSET', R .. 'limits', name, text)
  carryOver(old, M.ruleOf(name))
  local all = isNew and redis.call('HGETALL', R .. 'claims') or {}
  local ids, kinds = {}, {}
  for i = 1, #all, 2 do
    local _, _, _, _, lane = M.readClaim(all[i + 1])
    if lane then
      ids[#ids + 1], kinds[#kinds + 1] = all[i], string.sub(lane, string.find(lane, '|', 1, true) + 3)
    end
    if #ids == 1000 or i + 1 == #all and #ids > 0 then
      enter(ids, kinds)
      ids, kinds = {}, {}
    end
  end
end
M.quiet = false
if what == 't:' then
  M.freeKind(of)
  local meter = M.typeMeter(of)
  local ms = meter and M.room(meter) == 0 and M.untilMore(meter)
  local pair = ms and redis.call('SRANDMEMBER', R .. 'blocked:' .. of)
  if pair then M.lookAt('t:' .. of, ms, pair) end
elseif what == 'k:' then
  M.freeKey(of)
else
  M.lookAt('a:', 0)
  M.lookAround()
end
M.wakeOpened()
return { ARGV[1], '1' }
