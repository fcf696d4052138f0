// SPDX-License-Identifier: MIT
// What the settings of a policy come to for one run: small questions that several rules ask.
// Internal to decide/.
#pragma once

#include "decide/known.hpp"
#include "decide/plan.hpp"
#include "decide/policy.hpp"

namespace runs_agent::decide {

/// Do the attempts of a run record into one run?
bool record_into_one(const Settings& settings);

/// Is what a re-run records into opened again for it?
bool resets(const Settings& settings);

/// A call for an attempt of `run`, with the CI build id that the policy gives it.
PlannedCall call_for(Rule rule, Operation operation, const WorkflowRun& run,
                     const Settings& settings, int attempt);

/// The decision where the policy ignores a run.
Decision ignored(const WorkflowRun& run, const Policy& policy, std::optional<std::size_t> rule);

/// The decision where a rule of the policy asks for the name of a workflow that has not been told.
Decision unknown_workflow(const WorkflowRun& run);

/// Null where nothing is known of it.
const KnownAttempt* find_attempt(const Known& known, int attempt);

}  // namespace runs_agent::decide
