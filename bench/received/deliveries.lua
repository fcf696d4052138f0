-- wrk's part of bench/receiver: signed deliveries, each with an id of its own. DELIVERIES is a file
-- with a signature and a body a line; a signature is of the body alone, so these can be used again.
local bodies = {}
local count = 0
local prefix = os.getenv("DELIVERY_PREFIX")
local path = os.getenv("DELIVERY_PATH")
local closing = os.getenv("DELIVERY_CLOSING") == "1"

function init()
  for line in io.lines(os.getenv("DELIVERIES")) do
    local signature, body = line:match("^(%S+) (.*)$")
    bodies[#bodies + 1] = { signature, body }
  end
end

function request()
  count = count + 1
  local delivery = bodies[count % #bodies + 1]
  return wrk.format("POST", path, {
    ["Content-Type"] = "application/json",
    ["Connection"] = closing and "close" or "keep-alive",
    ["User-Agent"] = "GitHub-Hookshot/bench",
    ["X-GitHub-Event"] = "workflow_run",
    ["X-GitHub-Delivery"] = string.format("%s-%012d", prefix, count),
    ["X-Hub-Signature-256"] = delivery[1],
  }, delivery[2])
end

function done(summary, latency)
  io.write(string.format("RESULT %d %d %d %d %d %d\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), summary.errors.status,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
