// SPDX-License-Identifier: MIT
// The log of a long-running command, as the configuration wants it.
#pragma once

#include "base/awaitable.hpp"
#include "base/clock.hpp"
#include "config/configuration.hpp"
#include "observe/log.hpp"

namespace runs_agent::agent {

/// Writes to standard error: text where that is a terminal, else JSON, unless told otherwise.
Log make_log(const config::Configuration& configuration, const Clock& clock);

/// Says each second what the log has suppressed, until it is destroyed.
Awaitable<void> log_suppressed_forever(Log& log);

}  // namespace runs_agent::agent
