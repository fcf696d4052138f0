// SPDX-License-Identifier: MIT
// The facts of a workflow run or job as compact JSON, the form in which stores keep them.
#pragma once

#include "decide/facts.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace runs_agent::store {

std::string to_json(const decide::Event& event);

/// Reads what to_json wrote, by this or an older version: what is missing keeps its default.
/// Absent where it is not JSON.
std::optional<decide::Event> parse_facts(std::string_view json);

/// The same as a run: of a job, what it says of its run.
std::optional<decide::WorkflowRun> parse_run_facts(std::string_view json);

}  // namespace runs_agent::store
