// SPDX-License-Identifier: MIT
// A coroutine as the whole of a command.
#pragma once

#include "base/awaitable.hpp"

#include <functional>

namespace runs_agent::agent {

/// Runs one coroutine on an io_context of its own until it ends, for commands that talk to a
/// service.
int run_to_end(std::function<Awaitable<int>()> body);

}  // namespace runs_agent::agent
