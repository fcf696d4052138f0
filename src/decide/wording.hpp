// SPDX-License-Identifier: MIT
// The words that reasons are made of. They hold names from outside (branches, workflows, people),
// which must not be able to end a line or to move a terminal's cursor.
#pragma once

#include "decide/facts.hpp"

#include <string>
#include <string_view>

namespace runs_agent::decide {

/// UTF-8 text made fit for one line: control characters, line separators and changes of the
/// writing direction become spaces; what is longer than 200 bytes is cut and ends in "…".
std::string one_line(std::string_view text);

/// "attempt 2 of run 1001 (e2e in octo/demo)"
std::string name_of(const WorkflowRun& run, int attempt);

/// The same for the event's own attempt, with who started it where that is known:
/// "attempt 2 of run 1001 (e2e in octo/demo), started by octocat,"
std::string full_name_of(const WorkflowRun& run);

/// How an attempt ended: "was cancelled". GitHub does not say who cancelled, so neither do we.
std::string ending_of(const WorkflowRun& run);

}  // namespace runs_agent::decide
