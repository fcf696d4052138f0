// SPDX-License-Identifier: MIT
// What is known of a recorded run: did all of it run, and how did that end? What the service leaves
// open, or says in two ways, is not taken for good.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace runs_agent::agent::action {

/// A spec of a run with tests that failed, or were not run because something else had failed.
struct OpenSpec {
    std::string spec;
    std::string instance_id;
    std::int64_t failures = 0;
    std::int64_t skipped = 0;
};

struct RunResults {
    /// For the output "status". Of a run that ran to its end FAILED, and PASSED where `unknown` is
    /// empty; RUNNING, FAILING; CANCELED and TIMEOUT whatever was recorded before; else UNKNOWN.
    std::string status;
    /// Why not all of it is known, in words that begin with "it" or name a spec or a group; empty:
    /// it ran to its end, every spec has results, and all counters agree.
    std::string unknown;
    std::int64_t failures = 0;
    std::int64_t skipped = 0;  // tests that something else kept from running
    std::vector<OpenSpec> open;
};

/// Reads a run as GET /runs/{runId} and GET /runs/find answer it (their `data`).
RunResults read_run_results(std::string_view json);

}  // namespace runs_agent::agent::action
