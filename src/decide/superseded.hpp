// SPDX-License-Identifier: MIT
// Rule R4: a newer push makes the older runs of its group pointless. Internal to decide/, but for
// the words that `config check` and the step in a workflow say.
#pragma once

#include "decide/decision_builder.hpp"
#include "decide/facts.hpp"
#include "decide/known.hpp"
#include "decide/policy.hpp"

namespace runs_agent::decide {

/// Applies R4 to the first event of an attempt, or of a new life of it, or to one that tells when
/// that life began, in both directions: it may supersede older runs, and it may be superseded by a
/// newer run that was heard of before. `own` is the event's attempt as it is known with the event.
void apply_superseded(const WorkflowRun& run, const Settings& settings, const Known& known,
                      const KnownAttempt& own, DecisionBuilder& planner);

/// What lacks its number, its commit or its workflow looks like what it has nothing to do with.
bool can_be_told_apart(const WorkflowRun& run);

/// Why runs like this one neither supersede nor are superseded; empty: they do and are.
std::string why_left_alone(const WorkflowRun& run, const Settings& settings);

}  // namespace runs_agent::decide
