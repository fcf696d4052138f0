// SPDX-License-Identifier: MIT
// Which older runs a workflow run supersedes, and what follows: pure, and the daemon's own rules
// (R4 for those that go on, R1 for those that were cancelled) on what GitHub says of the runs now.
#pragma once

#include "decide/facts.hpp"
#include "decide/plan.hpp"
#include "decide/policy.hpp"

#include <string>
#include <vector>

namespace runs_agent::agent::action {

struct SupersededRun {
    decide::WorkflowRun run;
    std::vector<decide::PlannedCall> calls;
};

struct SupersedePlan {
    std::vector<SupersededRun> runs;  // the newest first
    std::string why_none;             // where the rules leave runs like this one alone
};

/// The settings that superseding goes by: the daemon's, with nothing on that is not about it.
decide::Settings superseding(std::vector<std::string> project_ids, decide::BuildIdTemplate build_id,
                             bool cancel_workflow, std::vector<std::string> include);

/// `others` may hold any runs, also this one's: what is not older and of the same group counts for
/// nothing. Of calls for later, a cancellation by force, there are none: a step cannot wait.
SupersedePlan plan_supersede(const decide::WorkflowRun& own,
                             const std::vector<decide::WorkflowRun>& others,
                             const decide::Settings& settings);

}  // namespace runs_agent::agent::action
