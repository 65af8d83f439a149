-- wrk -s load.lua URL -- TEMPLATE START SPREAD [Header: value …]
-- Asks TEMPLATE with {code} (an enterprise code with its check digit) or {number} filled in, from START on;
-- SPREAD different ones over and over, or never the same twice where it is 0.
local template, start, spread, count = "", 0, 0, 0
local weights = { 31, 29, 23, 19, 17, 13, 7, 5, 3 }

local function code(number)
  local digits = string.format("03%07d", number % 10000000)
  local total = 0
  for place = 1, 9 do
    total = total + weights[place] * tonumber(digits:sub(place, place))
  end
  local check = 10 - total % 11
  return check < 10 and digits .. check or nil
end

local function path(number)
  if template:find("{number}", 1, true) then
    return (template:gsub("{number}", tostring(number)))
  end
  local found = code(number)
  return found and (template:gsub("{code}", found))
end

local prepared = {}

function init(args)
  template, start, spread = args[1], tonumber(args[2]), tonumber(args[3])
  for index = 4, #args do
    local name, value = args[index]:match("^([^:]+): (.*)$")
    wrk.headers[name] = value
  end
  local number = start
  while #prepared < spread do
    number = number + 1
    local found = path(number)
    if found then
      prepared[#prepared + 1] = wrk.format("GET", found)
    end
  end
end

function request()
  count = count + 1
  if spread > 0 then
    return prepared[count % spread + 1]
  end
  local found = nil
  while not found do
    start = start + 1
    found = path(start)
  end
  return wrk.format("GET", found)
end

function done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format(
    "\nRESULT %d %.6f %d %d %.6f %.6f\n",
    summary.requests,
    summary.duration / 1e6,
    errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50) / 1e6,
    latency:percentile(99) / 1e6
  ))
end
