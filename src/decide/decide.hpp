// SPDX-License-Identifier: MIT
// The heart: a pure function from an event, the policy and what is known to planned calls. It reads
// no clock, no socket and no disk, so it can be explained, simulated and proved.
#pragma once

#include "decide/facts.hpp"
#include "decide/known.hpp"
#include "decide/plan.hpp"
#include "decide/policy.hpp"

namespace runs_agent::decide {

/// Decides what follows from one workflow_run event. docs/rules.md has the rules in prose. Calls
/// that `known` holds already are left out, and the reason says so.
Decision decide(const WorkflowRun& run, const Policy& policy, const Known& known);

/// Does deciding need the other runs of its group? Asked with what is known of the run itself.
bool looks_at_group(const WorkflowRun& run, const Policy& policy, const Known& known);

/// The same for a job of a run (rule R6), which `known.last` tells more of.
Decision decide(const WorkflowJob& job, const Policy& policy, const Known& known);
/// Whichever it is.
Decision decide(const Event& event, const Policy& policy, const Known& known);

}  // namespace runs_agent::decide
