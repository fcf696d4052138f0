// SPDX-License-Identifier: MIT
// What came of a step, as people read it on the page of the workflow run.
#pragma once

#include "agent/action/told/outcome.hpp"

#include <string>
#include <string_view>

namespace runs_agent::agent::action {

/// A small Markdown table for GITHUB_STEP_SUMMARY: what was asked, what happened, the run; a line
/// for each row of the outcome.
std::string summary(std::string_view command, std::string_view asked, const Outcome& outcome);

/// `text` in a table's cell: nothing in it can end the cell, begin HTML or become a link.
std::string in_cell(std::string_view text);

}  // namespace runs_agent::agent::action
