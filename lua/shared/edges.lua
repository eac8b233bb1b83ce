--! does: Edges of a group of new jobs.
--! keys: draft: jobs state
local ends = { c = 'completed', d = 'dead_letter', x = 'canceled', t = 'stopped', gone = 'canceled' }

-- What is known of the parents that are not in this call: by id, the status letter of a final one, '' for
-- another, nil for one that is not there; and what is answered if one is missing.
function M.parentsOf(jobs)
  local before, found, ids, missing = {}, {}, {}, nil
  for i = 1, #jobs do
    for e = 1, #jobs[i].edges do
      local parent = string.sub(jobs[i].edges[e], 2)
      if not before[parent] and found[parent] == nil then
        found[parent], ids[#ids + 1] = false, parent
      end
    end
    before[jobs[i].id] = true
  end
  for from = 1, #ids, 1000 do
    local to = from + 999 < #ids and from + 999 or #ids
    local states = redis.call('HMGET', R .. 'state', unpack(ids, from, to))
    for k = from, to do
      if redis.call('HEXISTS', R .. 'jobs', ids[k]) == 1 then
        found[ids[k]] = states[k - from + 1] and string.match(states[k - from + 1], '^[cdxt]') or ''
      end
    end
  end
  for i = 1, #jobs do
    for e = 1, #jobs[i].edges do
      local letter = string.byte(jobs[i].edges[e])
      if letter == 99 or letter == 107 then -- c, k
        local parent = string.sub(jobs[i].edges[e], 2)
        if not found[parent] then return nil, { 'p', string.format('%d', i - 1), parent } end
      end
    end
  end
  return found
end

-- Children by parent, as what goes into its zset; the last number given.
M.newKids, M.base = {}, 0

function M.number()
  M.base = M.base + 1
  return M.base
end

function M.addKid(parent, id)
  local kids, list, number = M.newKids, M.newKids[parent], string.format('%d', M.number())
  if list then list[#list + 1], list[#list + 2] = number, id else kids[parent] = { number, id } end
end

-- The parents that a job waits for, as score and id in turn; how the first of them that has failed
-- ended, and its id; and whether it waits for one of its group.
function M.link(job, fates, parents, draft)
  local pend, how, fallen, blocked, after = {}, nil, nil, false, job.after
  for e = 1, #job.edges do
    local letter, parent = string.byte(job.edges[e]), string.sub(job.edges[e], 2)
    local inside = letter == 105 or letter == 106 -- i, j
    local policy = (letter == 106 or letter == 107 or letter == 75) and 1 or 0 -- j, k, K
    local fate = fates[parent] or parents[parent]
    if fate == '' and inside and draft ~= '' and redis.call('HEXISTS', R .. 'draft:' .. draft, parent) == 1 then fate = 'x' end
    if parent == after then after = nil end
    local wants = fate and not (ends[fate] and (fate == 'c' or policy == 1)) -- it waits for it, or fails with it
    if wants then pend[#pend + 1], pend[#pend + 2] = string.format('%d', #pend + policy), parent end
    if fate and fate ~= 'gone' then M.addKid(parent, job.id) end
    if wants and not ends[fate] then
      blocked = blocked or inside
    elseif wants and not fallen then
      how, fallen = 'ended as ' .. ends[fate], parent
    end
  end
  if after then
    pend[#pend + 1], pend[#pend + 2] = string.format('%d', #pend + 1), after
    M.addKid(after, job.id)
  end
  return pend, how, fallen, blocked
end
