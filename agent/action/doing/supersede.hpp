// SPDX-License-Identifier: MIT
// `command: supersede`: what the daemon's rule R4 does from outside, from inside a job.
#pragma once

#include "agent/action/doing/operations.hpp"
#include "base/awaitable.hpp"

namespace runs_agent::agent::action {

/// `services` ask as a step does (retrying.hpp).
Awaitable<Outcome> supersede(const Request& request, Services services);

/// What it comes to where nothing is superseded, and why.
Outcome nothing_superseded(const std::string& why);

}  // namespace runs_agent::agent::action
