-- Sends the requests of a plan, with wrk: wrk … -s load.lua URL -- PLAN SEED
--
-- A plan is a text file. Every line begins with a word:
--   key TEXT            a key
--   kind WEIGHT         what follows is sent so often, in proportion
--   from BEFORE<tab>BEHIND[<tab>END]
--                       a request of an account: what is sent before and behind the key, with \r and \n spelled out;
--                       between BEHIND and END go eight digits
-- Account, key and digits are taken at random for each request. Answers are not looked at here, because that would cost more
-- than sending: wrk itself counts those with a status of 400 and above.

local counter = 0

function setup(thread)
  counter = counter + 1
  thread:set("number", counter)
end

local keys, kinds, total = {}, {}, 0

local function unescaped(text)
  return (text:gsub("\\(.)", { r = "\r", n = "\n", t = "\t", ["\\"] = "\\" }))
end

function init(args)
  for line in io.lines(args[1]) do
    local word, rest = line:match("^(%a+) ?(.*)$")
    if word == "key" then
      keys[#keys + 1] = rest
    elseif word == "kind" then
      total = total + tonumber(rest)
      kinds[#kinds + 1] = { below = total, before = {}, behind = {}, tail = {} }
    elseif word == "from" then
      local before, behind = rest:match("^([^\t]*)\t(.*)$")
      local middle, tail = behind:match("^([^\t]*)\t(.*)$")
      local kind = kinds[#kinds]
      local at = #kind.before + 1
      kind.before[at] = unescaped(before)
      kind.behind[at] = unescaped(middle or behind)
      kind.tail[at] = tail and unescaped(tail) or false
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
  local start = kind.before[account] .. keys[random(#keys)] .. kind.behind[account]
  local tail = kind.tail[account]
  return tail and start .. random(10000000, 99999999) .. tail or start
end

function done(summary, latency, requests)
  local errors = summary.errors
  print(string.format("bench requests %d", summary.requests))
  print(string.format("bench microseconds %d", summary.duration))
  print(string.format("bench p50 %d", latency:percentile(50)))
  print(string.format("bench p99 %d", latency:percentile(99)))
  print(string.format("bench refused %d", errors.status))
  print(string.format("bench broken %d", errors.connect + errors.read + errors.write + errors.timeout))
end
