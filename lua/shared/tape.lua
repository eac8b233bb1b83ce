--! does: What ended is noted on `tape`, a text of entries
--!     minute kind pair NL marks NL
--!   which is taken apart when somebody asks for it, or when it is long: one call per batch instead of many.
--!   kind: c completed, r to be retried, d dead letter, x canceled, t stopped, l lost.
--!   marks: two characters per end: the buckets of the time that the attempt ran and of that which the job
--!   waited, as character numbers without that of NL; number 127 where there is none.
--! keys: tape
M.unmarked = '\127\127'
-- Marks of the attempt that is being settled, if there is one.
M.mark = false

function M.note(kind, pair, marks)
  local entry = string.format('%d', now / 60000) .. kind .. pair .. '\n' .. marks .. '\n'
  if redis.call('APPEND', R .. 'tape', entry) > 8192 then M.fold() end
end
