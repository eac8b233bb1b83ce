--! does: Judges jobs by what was read of the long lists that they must be in, after their digests were taken.
--!   An entry that was not read then came since: behind the last place that was given by then, or before the
--!   first, or, if the job was claimed meanwhile, with another state.
--! uses: base digits numbers names wake lane due final state status kin add_kids family finish remove delay put enter kids promote tomb doctor doctor_list doctor_edges doctor_job tape
--! lazy: fold event
--! args: 6 '1' to repair; 7 to 9 seq, front and fence at that time; then for each job: id, list, digest, entries e, e entries
--! reply: tag, jobs looked at, findings
--! cost: O(jobs + entries that came since, at most 10,000 of each list); O(n) for an entry that is looked for
--! keys: none
local seq, front, fence = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
local MOST = 10000

-- Entries that came into a list since then, by id; false if they are too many.
local function freshIn(name)
  local key, fresh, n = R .. name, {}, 0
  -- Takes them from the head, or from the tail; false at the first one that was there before.
  local function add(entries, from, to, step, isFresh)
    for i = from, to, step do
      local place, id = M.placeOf(entries[i])
      if place and not isFresh(place) then return false end
      n = n + 1
      if place and M.isAlive(name, id, place) then
        fresh[id] = fresh[id] or {}
        table.insert(fresh[id], entries[i])
      end
    end
    return #entries == 1000
  end
  local function atHead(place)
    if string.sub(name, 1, 1) == 'l' then return place < front end
    return place > fence
  end
  local function atTail(place) return place > seq end
  local from, more = 0, true
  while more and n < MOST do
    local entries = redis.call('LRANGE', key, from, from + 999)
    more, from = add(entries, 1, #entries, 1, atHead), from + 1000
  end
  from, more = 0, string.sub(name, 1, 1) == 'l'
  while more and n < MOST do
    local entries = redis.call('LRANGE', key, -from - 1000, -from - 1)
    more, from = add(entries, #entries, 1, -1, atTail), from + 1000
  end
  return n < MOST and fresh
end

local lists, at = {}, 9
while at < #ARGV do
  local id, name, digest, e = ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], tonumber(ARGV[at + 4])
  local job = M.look(id)
  M.checked = M.checked + 1
  if job and not job.isBroken and M.listOf(job) == name and M.digest(job) == digest then
    if lists[name] == nil then lists[name] = freshIn(name) end
    local fresh = lists[name]
    if fresh then
      local entries, seen = {}, {}
      for i = 1, e do
        local entry = ARGV[at + 4 + i]
        local place = M.placeOf(entry)
        seen[entry] = true
        if redis.call('LPOS', R .. name, entry) and M.isAlive(name, id, place) then entries[#entries + 1] = entry end
      end
      for _, entry in ipairs(fresh[id] or {}) do
        if not seen[entry] then entries[#entries + 1] = entry end
      end
      -- Of entries that were read and are gone, others may have come.
      if #entries > 0 or e == 0 then M.resolve(job, name, entries) end
    end
  end
  at = at + 4 + e
end
M.announce(M.fallen)
M.wakeOpened()
return M.verdict()
