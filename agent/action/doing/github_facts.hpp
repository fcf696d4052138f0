// SPDX-License-Identifier: MIT
// What GitHub's API says of a workflow run, as the facts that decisions are made of: made up into
// an event as the daemon's catching up does, so that the rules see what the daemon would see.
#pragma once

#include "agent/action/asked/request.hpp"
#include "decide/facts.hpp"
#include "github/github.hpp"

#include <string>

namespace runs_agent::agent::action {

/// Its repository is the one that the run itself names; the default branch is not told. Errors:
/// bad_input, where it lacks what nothing can be decided without.
Result<decide::WorkflowRun> facts_of(const github::WorkflowRun& run, const std::string& host);

/// Of the run that the step is part of.
Result<decide::WorkflowRun> own_facts(const Request& request, const std::string& host,
                                      Result<github::Answer<github::WorkflowRun>> answer);

}  // namespace runs_agent::agent::action
