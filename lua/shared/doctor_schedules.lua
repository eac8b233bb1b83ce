--! does: Checks schedules: each must be among the ids, and among those that are due if it ever is.
--! keys: ctl schedDue schedIds schedules

-- When a schedule is due, '' for one that is not by everybody; nil if there is none that can be read.
local function dueOf(id)
  local text = redis.call('HGET', R .. 'schedules', id)
  local custom, due = string.match(text or '', '^%d+|[^\n]*\n[^|\n]*|[^|\n]*|%d|(%d)|%-?%d*|(%d*)\n')
  return custom and (custom == '1' and '' or due), text
end

function M.fields.schedules(_, id)
  local due, text = dueOf(id)
  if text and not due then
    return M.found('broken_record', nil, "Schedule '" .. id .. "' cannot be read: define it anew")
  end
  if redis.call('ZSCORE', R .. 'schedIds', id) == false then
    M.found('lost_entry', nil, "Schedule '" .. id .. "' is there, but schedIds does not name it", function()
      redis.call('ZADD', R .. 'schedIds', 0, id)
    end)
  end
  local score = redis.call('ZSCORE', R .. 'schedDue', id)
  if due and due ~= '' and tonumber(score or nil) ~= tonumber(due) then
    M.found('lost_entry', nil, "Schedule '" .. id .. "' is due at " .. due .. ', but not so in schedDue', function()
      redis.call('ZADD', R .. 'schedDue', due, id)
      redis.call('PUBLISH', R .. 'ctl', 'schedule')
    end)
  end
end

function M.members.schedDue(name, id)
  local due, text = dueOf(id)
  if text and due ~= '' then return end
  local why = text and 'it is not due' or 'it is not there'
  M.found('stale_entry', nil, name .. " has the schedule '" .. id .. "', but " .. why, function()
    redis.call('ZREM', R .. name, id)
  end)
end

function M.members.schedIds(name, id)
  if redis.call('HEXISTS', R .. 'schedules', id) == 1 then return end
  M.found('stale_entry', nil, name .. " has the schedule '" .. id .. "', but it is not there", function()
    redis.call('ZREM', R .. name, id)
  end)
end
