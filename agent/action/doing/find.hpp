// SPDX-License-Identifier: MIT
// `command: find`: the run that a re-run goes by, and whether it may be narrowed to what failed.
#pragma once

#include "agent/action/doing/operations.hpp"
#include "base/awaitable.hpp"

namespace runs_agent::agent::action {

/// A re-run is narrowed where the run ran to its end, and every test that failed or was kept from
/// running is known by its id. Else nothing is narrowed, there is no file, and the outcome says
/// why.
Awaitable<Outcome> find(const Request& request, Services services);

/// Of a search on the first attempt, which needs no request.
Outcome no_earlier_attempt();

}  // namespace runs_agent::agent::action
