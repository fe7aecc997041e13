-- For wrk: the keys of a file in turn, and one line of JSON at the end. bench/harness/load.py starts it.
-- A second argument: the milliseconds that each connection lets pass, on average, between an answer and its next call.
local requests, number = {}, 0

function init(args)
  for key in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format("GET", nil, {["Authorization"] = "Bearer " .. key})
  end
  local pause = tonumber(args[2])
  if pause then
    -- Spread, so that connections do not ask in step.
    delay = function() return math.random(0, 2 * pause) end
  end
end

function request()
  number = number % #requests + 1
  return requests[number]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests": %d, "seconds": %f, "p50_ms": %f, "p95_ms": %f, "p99_ms": %f, "errors": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(95) / 1e3,
    latency:percentile(99) / 1e3,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout
  ))
end
