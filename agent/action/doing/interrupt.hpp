// SPDX-License-Identifier: MIT
// What becomes of a step that is told to stop. GitHub sends SIGINT to a step of a job that is
// cancelled, 7.5 s later SIGTERM, and 2.5 s later it kills: time enough to bring a request to its
// end, which may be the one that cancels a run. Source: docs.github.com, "Workflow cancellation
// reference".
#pragma once

#include "agent/action/doing/retry.hpp"
#include "agent/action/told/outcome.hpp"
#include "base/awaitable.hpp"
#include "base/clock.hpp"

#include <string>

namespace runs_agent::agent::action {

/// How long work goes on after that signal.
std::chrono::milliseconds grace_after(const std::string& signal);

/// Runs `work` to its end, or until its grace is over once `signal` has returned the name of one:
/// then it is cancelled, and has failed. `say` is told of the signal.
Awaitable<Outcome> until_stopped(Awaitable<Outcome> work, Awaitable<std::string> signal,
                                 Clock& clock, Retrier::Say say);

}  // namespace runs_agent::agent::action
