-- Sends the requests of a plan, with wrk: wrk … -s load.lua URL -- PLAN SEED
--
-- A plan is a text file. Every line begins with a word:
--   statuses            answers are counted by their status, which costs more than sending
--   key TEXT            a key
--   kind WEIGHT         what follows is sent so often, in proportion
--   from BEFORE[<tab>BEHIND[<tab>END]]
--                       a request of an account: what is sent before and behind the key, with \r and \n spelled out;
--                       between BEHIND and END go eight digits
-- Account, key and digits are taken at random for each request. Otherwise answers are not looked at here: wrk itself counts
-- those with a status of 400 and above.

local threads = {}

function setup(thread)
  threads[#threads + 1] = thread
  thread:set("number", #threads)
end

answered = {}

local function count(status)
  answered[status] = (answered[status] or 0) + 1
end

local keys, kinds, total = {}, {}, 0

local function unescaped(text)
  return (text:gsub("\\(.)", { r = "\r", n = "\n", t = "\t", ["\\"] = "\\" }))
end

function init(args)
  for line in io.lines(args[1]) do
    local word, rest = line:match("^(%a+) ?(.*)$")
    if word == "statuses" then
      response = count
    elseif word == "key" then
      keys[#keys + 1] = rest
    elseif word == "kind" then
      total = total + tonumber(rest)
      kinds[#kinds + 1] = { below = total, before = {}, behind = {}, tail = {} }
    elseif word == "from" then
      local parts = {}
      for part in (rest .. "\t"):gmatch("([^\t]*)\t") do
        parts[#parts + 1] = unescaped(part)
      end
      local kind = kinds[#kinds]
      local at = #kind.before + 1
      kind.before[at], kind.behind[at], kind.tail[at] = parts[1], parts[2] or false, parts[3] or false
    end
  end
  math.randomseed(tonumber(args[2]) * 1000 + number)
end

local random = math.random

function request()
  local kind = kinds[1]
  if #kinds > 1 then
    local at = random(total)
    for i = 1, #kinds do
      kind = kinds[i]
      if at <= kind.below then break end
    end
  end
  local account = random(#kind.before)
  local behind = kind.behind[account]
  if not behind then return kind.before[account] end
  local start = kind.before[account] .. keys[random(#keys)] .. behind
  local tail = kind.tail[account]
  return tail and start .. random(10000000, 99999999) .. tail or start
end

function done(summary, latency, requests)
  local errors, statuses = summary.errors, {}
  for _, thread in ipairs(threads) do
    for status, number in pairs(thread:get("answered")) do
      statuses[status] = (statuses[status] or 0) + number
    end
  end
  for status, number in pairs(statuses) do
    print(string.format("bench status %d %d", status, number))
  end
  print(string.format("bench requests %d", summary.requests))
  print(string.format("bench microseconds %d", summary.duration))
  print(string.format("bench p50 %d", latency:percentile(50)))
  print(string.format("bench p99 %d", latency:percentile(99)))
  print(string.format("bench refused %d", errors.status))
  print(string.format("bench broken %d", errors.connect + errors.read + errors.write + errors.timeout))
end
