--! does: What is paused: members `queue|type` of `paused`, where '' is every one.
--! keys: paused

-- Reads it: M.paused says by member what is paused, and is false if nothing is.
function M.readPaused()
  local all = redis.call('SMEMBERS', R .. 'paused')
  local paused = {}
  for i = 1, #all do paused[all[i]] = true end
  M.paused = #all > 0 and paused
end

-- Of some types those that may be claimed from a queue ('': those that are not paused in every
-- queue), and the same as a filter. Something is paused.
function M.unpaused(queue, types)
  local open, paused = {}, M.paused
  for i = 1, #types do
    if not (paused[queue .. '|'] or paused['|' .. types[i]] or paused[queue .. '|' .. types[i]]) then
      open[#open + 1] = types[i]
    end
  end
  return open, '\n' .. table.concat(open, '\n') .. '\n'
end
