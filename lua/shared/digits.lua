--! does: Whole numbers that follow one another as text: only every tenth is formatted, the others differ from it in
--!   the last digit.
--! keys: none
local digits = { [0] = '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' }

-- The last digit of a number, and what is before it.
local function split(number)
  local digit = number % 10
  return digit, number > 9 and string.format('%d', (number - digit) / 10) or ''
end
