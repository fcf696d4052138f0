// SPDX-License-Identifier: MIT
// Rule R6: a job ended while its attempt goes on, so its machine is at work no more. Internal to
// decide/.
#pragma once

#include "decide/known.hpp"
#include "decide/policy.hpp"

namespace runs_agent::decide {

/// What follows from the end of a job of a run, which `known.last` tells more of.
Decision decide_job(const WorkflowJob& job, const Policy& policy, const Known& known);

}  // namespace runs_agent::decide
