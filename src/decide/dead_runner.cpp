// SPDX-License-Identifier: MIT
#include "decide/dead_runner.hpp"

#include "decide/decision_builder.hpp"
#include "decide/machine_id.hpp"
#include "decide/settings.hpp"
#include "decide/wording.hpp"

#include <algorithm>

namespace runs_agent::decide {

namespace {

/// How long the last results of a job may still be on their way to the Runs API.
constexpr std::chrono::milliseconds results_under_way = std::chrono::seconds(10);

/// Why what is known of the job's attempt leaves its machine alone; empty: it does not.
std::string why_attempt_forbids(const WorkflowJob& job, const Known& known,
                                const std::string& name) {
    const KnownAttempt* const attempt = find_attempt(known, job.attempt);
    const bool outrun =
        std::any_of(known.attempts.begin(), known.attempts.end(),
                    [&job](const KnownAttempt& other) { return other.attempt > job.attempt; });
    if (outrun || (attempt != nullptr && attempt->completed()))
        return name + " ended, and so has its attempt";
    if (attempt == nullptr || attempt->started_at() == Time())
        return name + " ended, but when its attempt began is not known";
    // "Re-run failed jobs" tells once more of the others, with the times that they had.
    if (job.completed_at < attempt->started_at() || job.completed_at <= attempt->went_on_after())
        return name + " ended before its attempt began";
    return {};
}

/// Why this event of a job says nothing about its machine; empty: it does.
std::string why_no_lost_machine(const WorkflowJob& job, const Known& known) {
    const std::string name = "the job " + one_line(job.name);
    if (job.action != "completed") return name + " has not ended";
    if (job.conclusion == "skipped") return name + " was skipped";
    if (!known.last)
        return name +
               " belongs to a workflow run that no event told of; subscribe "
               "the webhook to"
               " workflow_run as well";
    if (job.completed_at == Time()) return name + " does not say when it ended";
    return why_attempt_forbids(job, known, name);
}

/// Of a job whose machine is lost, by what of the policy holds for its run.
Decision decide_by(const Policy::Match& match, const WorkflowJob& job, const WorkflowRun& run,
                   const Policy& policy, const Known& known) {
    const auto [settings, rule, unclear] = match;
    const std::string name = "the job " + one_line(job.name) + " of " + name_of(run, job.attempt);
    if (unclear) return unknown_workflow(run);
    if (settings->ignore) return ignored(run, policy, rule);
    const MachineId machine = machine_id_of(settings->machine_id, settings->jobs, run, job);
    if (machine.id.empty()) {
        Decision nothing;
        nothing.reason = name + machine.why_none;
        return nothing;
    }
    PlannedCall call =
        call_for(Rule::dead_runner, Operation::reset_run, run, *settings, job.attempt);
    call.machine_id = machine.id;
    call.claimed_before = job.completed_at;
    call.as_of = job.completed_at;
    call.delay = results_under_way;
    call.reason = name + " ended: what its machine " + one_line(machine.id) +
                  " holds unfinished can be claimed by others";
    DecisionBuilder planner(*settings, known);
    planner.add_for_each_project(call);
    return planner.finish("");
}

}  // namespace

Decision decide_job(const WorkflowJob& job, const Policy& policy, const Known& known) {
    Decision nothing;
    nothing.reason = why_no_lost_machine(job, known);
    if (!nothing.reason.empty()) return nothing;
    const WorkflowRun& run = *known.last;
    const Policy::Match match = policy.match(run);
    Decision decision = decide_by(match, job, run, policy, known);
    decision.policy = policy.in_words(match);
    return decision;
}

}  // namespace runs_agent::decide
