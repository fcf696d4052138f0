// SPDX-License-Identifier: MIT
// What state a run is in: the one place that says so, a pure function of what was recorded and the
// time. Source: the Runs API's documentation, "Get run", completionState and status.
#pragma once

#include "base/time.hpp"
#include "runs_api/types.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace runs_agent::runs_server {

/// What was recorded of a run, summed up.
struct RunFacts {
    Time created_at{};
    Time active_at{};  // the last report
    std::optional<Time> canceled_at;
    std::chrono::milliseconds inactivity{1'800'000};
    bool without_tests = false;  // said who hands its specs out, and nobody has announced any
    std::int64_t specs = 0;
    std::int64_t specs_complete = 0;
    std::int64_t specs_failed = 0;
    std::int64_t specs_failed_before = 0;  // were reset, and nobody has reported them again
};

struct RunState {
    runs_api::CompletionState completion = runs_api::CompletionState::in_progress;
    runs_api::RunStatus status = runs_api::RunStatus::running;
    std::optional<std::chrono::milliseconds> duration;  // of a run that has ended
};

/// Cancelled beats complete beats timed out. A run is complete when every spec that is known of it
/// has reported, or where it was said that it has none; one that ended and was cancelled after that
/// lasted as long as before; any failure makes it FAILING, and FAILED once it has ended. A spec
/// that was reset waits for its results; where the run ends before they come, it has failed as it
/// did before.
RunState run_state_of(const RunFacts& facts, Time now);

}  // namespace runs_agent::runs_server
