--! does: The state of a job that ran or ended:
--!     status|retries|attempts|deliveries|fence|time|flags
--!     one line per attempt kept: outcome|finished|ran ms|server|pool|error
--!     '!' and an error that is not the last attempt's; '<parent|how' for a parent whose end canceled
--!     it; '=' and the result, to the end
--!   status: c completed, d dead letter, x canceled, t stopped, r retry, w ready. time: the end, if it is not
--!   the last attempt's. flags: b for a result that has a key of its own; of w, s for a job that is suspect, since a
--!   server that held it ahead died.
--! keys: none

-- retries, attempts, deliveries, and the text of the attempts kept; zeroes without a state that can be read.
function M.past(state)
  if not state then return 0, 0, 0, '' end
  local retries, made, deliveries, rest =
    string.match(state, '^%w|(%d+)|(%d+)|(%d+)|%d+|%d*|%w*(.*)$')
  if not rest then return 0, 0, 0, '' end
  local attempts = string.match(rest, '^(.-)\n[!=<]') or rest
  return tonumber(retries), tonumber(made), tonumber(deliveries), attempts
end

-- When the job, or else its last attempt, ended, in milliseconds; 0 if neither has.
function M.lastEnd(state)
  local time = state and string.match(state, '^[cdxt]|%d+|%d+|%d+|%d+|(%d+)|')
  if time then return tonumber(time) end
  local _, _, _, attempts = M.past(state)
  return tonumber(string.match(attempts, '.*\n%w|(%d+)|') or 0)
end

-- The fence settled last.
function M.settledFence(state)
  return state and string.match(state, '^%w|%d+|%d+|%d+|(%d+)') or '0'
end

-- Adds a line to the attempts, of which the newest 25 are kept.
function M.addAttempt(attempts, made, line)
  if made > 25 then attempts = string.sub(attempts, string.find(attempts, '\n', 2, true) or #attempts + 1) end
  return attempts .. '\n' .. line
end

-- The state of a job that was canceled because it did not start by its time.
function M.expired(state)
  local _, made, deliveries, attempts = M.past(state)
  local fence = M.settledFence(state)
  return 'x|0|' .. made .. '|' .. deliveries .. '|' .. fence .. '|' .. nows .. '|' .. attempts
    .. '\n!"expired"'
end

-- The state of a job that was canceled, while it was deferred, because of a parent.
function M.felled(parent, how)
  return 'x|0|0|0|0|' .. nows .. '|\n<' .. parent .. '|' .. how
end
