// `command: supersede`: what the daemon's rule R4 does from outside, from inside a job.
#pragma once

#include "agent/action/doing/operations.hpp"

namespace runs_agent::agent::action {

/// `services` ask as a step does (retrying.hpp).
boost::asio::awaitable<Outcome> supersede(const Request& request, Services services);

}  // namespace runs_agent::agent::action
