// SPDX-License-Identifier: MIT
#include "agent/action/doing/supersede_plan.hpp"

#include "decide/decide.hpp"
#include "decide/known.hpp"
#include "decide/superseded.hpp"

#include <algorithm>
#include <tuple>

namespace runs_agent::agent::action {

using decide::PlannedCall;
using decide::WorkflowRun;

namespace {

std::vector<WorkflowRun> older_of_group(const WorkflowRun& own,
                                        const std::vector<WorkflowRun>& others) {
    std::vector<WorkflowRun> older;
    const std::string group = decide::group_of(own);
    for (const WorkflowRun& run : others)
        if (run.key != own.key && run.run_number < own.run_number && decide::group_of(run) == group)
            older.push_back(run);
    std::sort(older.begin(), older.end(), [](const WorkflowRun& a, const WorkflowRun& b) {
        return std::tie(a.run_number, a.key) > std::tie(b.run_number, b.key);
    });
    return older;
}

void add_calls(SupersededRun& run, const decide::Decision& decision) {
    for (const PlannedCall& call : decision.calls)
        if (call.run == run.run.key && call.delay.count() == 0) run.calls.push_back(call);
}

}  // namespace

decide::Settings superseding(std::vector<std::string> project_ids, decide::BuildIdTemplate build_id,
                             bool cancel_workflow, std::vector<std::string> include) {
    decide::Settings settings;
    settings.project_ids = std::move(project_ids);
    settings.ci_build_id = std::move(build_id);
    settings.superseded = true;
    settings.cancel_workflow = cancel_workflow;
    settings.include = std::move(include);
    settings.cancel_previous = false;
    settings.reset = decide::Reset::never;
    settings.sweep_orphans = false;
    return settings;
}

SupersedePlan plan_supersede(const WorkflowRun& own, const std::vector<WorkflowRun>& others,
                             const decide::Settings& settings) {
    SupersedePlan found;
    found.why_none = decide::why_left_alone(own, settings);
    if (!found.why_none.empty()) return found;

    decide::Policy policy;
    policy.defaults = settings;
    decide::History history;
    const std::vector<WorkflowRun> older = older_of_group(own, others);
    for (const WorkflowRun& run : older) history.record(run, {});
    const decide::Decision r4 = decide::decide(own, policy, history.known_of(own));
    for (const WorkflowRun& run : older) {
        SupersededRun one{run, {}};
        add_calls(one, r4);
        // R1 looks at one run alone. With `concurrency` GitHub has cancelled the older runs before
        // this one's first job began.
        if (run.action == "completed") add_calls(one, decide::decide(run, policy, {}));
        if (!one.calls.empty()) found.runs.push_back(std::move(one));
    }
    return found;
}

}  // namespace runs_agent::agent::action
