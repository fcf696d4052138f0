// SPDX-License-Identifier: MIT
// Runs and what was done to them, as people read them on a terminal.
#pragma once

#include "runs_api/runs_api.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace runs_agent::agent {

/// One run as a block of "name  value" lines.
std::string describe_run(const runs_api::Run& run);

/// Runs as a table, a line each, and how to ask for the next ones where there are more.
std::string describe_runs(const std::vector<runs_api::Run>& runs, bool has_more);

/// The answer to a cancellation: who, when, why.
std::string describe_cancelled(const runs_api::Document& data);

}  // namespace runs_agent::agent
