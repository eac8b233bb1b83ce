--! does: Limits: rules, and what is counted for them. A rule has a name, `t:TYPE`, `k:KEY`, or `p:TYPE` for each key of
--!   a type; `limits` has its text, `concurrency|tokens|ms|burst`, '' for what it does not limit. slots:RULE has a member
--!   `key NL id` for each claim (key '' but for p); `buckets` the tokens, `level|time|ms|full at`, as meter.ts has
--!   them, by rule, or `p:TYPE NL KEY`; `bucketEnds` those by the time at which they are full.
--! keys: bucketEnds buckets limits slots:
M.rules, M.meters, M.entered, M.spent = {}, {}, {}, {}

-- A rule by its text; false if there is none.
local function ruleIn(text)
  local most, tokens, ms, burst = string.match(text or '', '^(%d*)|(%d*)|(%d*)|(%d*)$')
  return most and { most = tonumber(most), tokens = tonumber(tokens), ms = tonumber(ms), burst = tonumber(burst) }
    or false
end

-- A rule; false if there is none.
function M.ruleOf(name)
  if M.rules[name] == nil then M.rules[name] = ruleIn(redis.call('HGET', R .. 'limits', name)) end
  return M.rules[name]
end

-- Reads the rules of some types at once.
function M.readRules(kinds)
  for from = 1, #kinds, 1000 do
    local names = {}
    for i = from, from + 999 < #kinds and from + 999 or #kinds do names[#names + 1] = 't:' .. kinds[i] end
    local texts = redis.call('HMGET', R .. 'limits', unpack(names))
    for i = 1, #names do M.rules[names[i]] = ruleIn(texts[i]) end
  end
end

local function meterOf(name, ruleName, key)
  local meter = M.meters[name]
  if meter == nil then
    local rule = M.ruleOf(ruleName)
    meter = rule and { name = name, rule = rule, ruleName = ruleName, key = key } or false
    M.meters[name] = meter
  end
  return meter
end

-- What counts for all jobs of a type; false without a rule.
function M.typeMeter(kind) return meterOf('t:' .. kind, 't:' .. kind, '') end

-- What counts for a key: its rule, or that of each key of the type.
function M.keyMeter(kind, key)
  return meterOf('k:' .. key, 'k:' .. key, '') or meterOf('p:' .. kind .. '\n' .. key, 'p:' .. kind, key)
end

-- The key of a job, by its record.
function M.keyOf(record)
  return record and string.match(record, '^%d+|%d%d|[^|]*;l([^;|]+);')
end

local function slotsOf(meter)
  local most = meter.rule.most
  if not most then return math.huge end
  if not meter.running then
    local slots, key = R .. 'slots:' .. meter.ruleName, meter.key
    meter.running = key == '' and redis.call('ZCARD', slots)
      or redis.call('ZLEXCOUNT', slots, '[' .. key .. '\n', '(' .. key .. '\v')
  end
  return meter.running < most and most - meter.running or 0
end

local function levelOf(meter)
  if not meter.level then
    local rule = meter.rule
    local text = redis.call('HGET', R .. 'buckets', meter.name) or ''
    local level, at, ms, fullAt = string.match(text, '^(%d+)|(%d+)|(%d+)|(%d+)$')
    meter.level = rule.burst * rule.ms
    if level and tonumber(fullAt) > now then
      level, at, ms = tonumber(level), tonumber(at), tonumber(ms)
      if ms ~= rule.ms then level = math.floor(level * rule.ms / ms) end
      if now > at then level = level + (now - at) * rule.tokens end
      if level < meter.level then meter.level, meter.fullAt = level, tonumber(fullAt) end
    end
  end
  return meter.level
end

-- How many claims may begin now.
function M.room(meter)
  local slots = slotsOf(meter)
  if slots == 0 or not meter.rule.ms then return slots end
  local tokens = math.floor(levelOf(meter) / meter.rule.ms)
  return tokens < slots and tokens or slots
end

-- Milliseconds until time alone makes more room; nil if it does not.
function M.untilMore(meter)
  local rule = meter.rule
  if not rule.ms or M.room(meter) >= slotsOf(meter) then return nil end
  local next = (math.floor(levelOf(meter) / rule.ms) + 1) * rule.ms
  if next > rule.burst * rule.ms then return nil end
  local ms = math.ceil((next - meter.level) / rule.tokens)
  -- By another rate than that of then it may be full before the token would come.
  return meter.fullAt and meter.fullAt - now < ms and meter.fullAt - now or ms
end

-- A claim takes a slot and a token.
function M.spend(meter)
  if meter.running then meter.running = meter.running + 1 end
  if meter.rule.ms then
    meter.level, meter.fullAt = levelOf(meter) - meter.rule.ms, nil
    M.spent[meter.name] = meter
  end
end

-- Notes a member of the slots of a rule, if that is there.
function M.enterSlot(ruleName, member)
  if not M.ruleOf(ruleName) then return end
  local list = M.entered[ruleName]
  if not list then list = {} M.entered[ruleName] = list end
  list[#list + 1], list[#list + 2] = 0, member
end

-- Counts the claims that were taken from a position on by their types.
function M.countTypes(from)
  for k = from, #M.ids do
    local lane = M.lanes[k]
    local kind = string.sub(lane, string.find(lane, '|', 1, true) + 3)
    local meter = M.typeMeter(kind)
    if meter then
      M.spend(meter)
      M.enterSlot('t:' .. kind, '\n' .. M.ids[k])
    end
  end
end

-- Writes all that was counted.
function M.writeSpent()
  for ruleName, list in pairs(M.entered) do redis.call('ZADD', R .. 'slots:' .. ruleName, unpack(list)) end
  for name, meter in pairs(M.spent) do
    local rule = meter.rule
    local fullAt = string.format('%d', now + math.ceil((rule.burst * rule.ms - meter.level) / rule.tokens))
    redis.call('HSET', R .. 'buckets', name, string.format('%d|%d|%d|', meter.level, now, rule.ms) .. fullAt)
    redis.call('ZADD', R .. 'bucketEnds', fullAt, name)
  end
  M.entered, M.spent = {}, {}
end
