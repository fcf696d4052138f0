// SPDX-License-Identifier: MIT
// What the job's environment says of the event that its own workflow run is by.
#pragma once

#include "agent/action/asked/inputs.hpp"
#include "agent/action/asked/request.hpp"

#include <string>

namespace runs_agent::agent::action {

/// Why the run that is meant supersedes no other, where the environment says so already: it is by
/// another event than a push or a pull request, or by the push of a tag that `include` does not
/// list. Empty: it does not say, also where another run than the job's own is meant.
/// Source: docs.github.com, "Variables reference", GITHUB_EVENT_NAME and GITHUB_REF.
std::string why_supersedes_nothing(const Inputs& inputs, const Request& request);

}  // namespace runs_agent::agent::action
