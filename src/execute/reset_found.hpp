// SPDX-License-Identifier: MIT
// Resets a recorded run that was found: the machines that hold what has to be run again, some at a
// time. Internal to execute/.
#pragma once

#include "base/awaitable.hpp"
#include "execute/find_recorded.hpp"
#include "execute/not_wanted.hpp"
#include "execute/performed.hpp"
#include "runs_api/runs_api.hpp"
#include "store/store.hpp"

namespace runs_agent::execute {

/// `not_wanted` is asked right before each request that changes something. `call` must outlive it.
/// On the client's executor.
Awaitable<Performed> reset_found(runs_api::RunsApi& api, NotWanted not_wanted,
                                 const store::Call& call, Lookup found);

}  // namespace runs_agent::execute
