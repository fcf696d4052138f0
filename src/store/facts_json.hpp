// The facts of a workflow run as compact JSON, the form in which stores keep them.
#pragma once

#include "decide/facts.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace runs_agent::store {

std::string to_json(const decide::WorkflowRun& run);

/// Reads what to_json wrote, by this or an older version: what is missing keeps its default.
/// Absent where it is not JSON.
std::optional<decide::WorkflowRun> parse_facts(std::string_view json);

}  // namespace runs_agent::store
