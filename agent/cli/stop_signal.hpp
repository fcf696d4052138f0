// SPDX-License-Identifier: MIT
// SIGINT and SIGTERM as something to await. A second one ends the process at once.
#pragma once

#include "base/awaitable.hpp"

#include <string>

namespace runs_agent::agent {

/// Returns the name of the signal that asked for an orderly stop.
Awaitable<std::string> stop_signal();

}  // namespace runs_agent::agent
