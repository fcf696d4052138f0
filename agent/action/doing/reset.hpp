// SPDX-License-Identifier: MIT
// Opens a run again, as the daemon's rule R3 does: for the machines that hold failed or unfinished
// specs, and are not at work.
#pragma once

#include "agent/action/doing/operations.hpp"
#include "base/awaitable.hpp"

namespace runs_agent::agent::action {

/// `services` ask as a step does (retrying.hpp).
Awaitable<Outcome> reset(const Request& request, Services services);

}  // namespace runs_agent::agent::action
