#include "decide/decide.hpp"

#include "decide/machine_id.hpp"
#include "decide/planner.hpp"
#include "decide/superseded.hpp"
#include "decide/wording.hpp"

#include <algorithm>

namespace runs_agent::decide {

namespace {

const KnownAttempt* find_attempt(const Known& known, int attempt) {
    for (const KnownAttempt& candidate : known.attempts)
        if (candidate.attempt == attempt) return &candidate;
    return nullptr;
}

bool knows_newer_attempt(const Known& known, int attempt) {
    return std::any_of(known.attempts.begin(), known.attempts.end(),
                       [attempt](const KnownAttempt& other) { return other.attempt > attempt; });
}

/// Payloads contradict themselves: without a conclusion, `completed` says nothing.
bool ended(const WorkflowRun& run) {
    return run.action == "completed" && !run.conclusion.empty();
}

/// Did it end in a way that the policy lists?
bool ends_recorded_run(const WorkflowRun& run, const Settings& settings) {
    return ended(run) && std::find(settings.cancel_on.begin(), settings.cancel_on.end(),
                                   run.conclusion) != settings.cancel_on.end();
}

/// Do the attempts of a run record into one run?
bool record_into_one(const Settings& settings) {
    return settings.ci_build_id.shared_by_attempts() || settings.reset == Reset::always;
}

bool resets(const Settings& settings) {
    return settings.reset == Reset::always ||
           (settings.reset == Reset::automatic && settings.ci_build_id.shared_by_attempts());
}

PlannedCall call_for(Rule rule, Operation operation, const WorkflowRun& run,
                     const Settings& settings, int attempt) {
    PlannedCall call;
    call.operation = operation;
    call.rule = rule;
    call.run = run.key;
    call.attempt = attempt;
    call.ci_build_id = settings.ci_build_id.render(run, attempt);
    return call;
}

/// R1: the attempt ended in a way after which nobody reports its results.
void apply_cancelled(const WorkflowRun& run, const Settings& settings, Planner& planner) {
    PlannedCall call = call_for(Rule::cancelled, Operation::cancel_ci, run, settings, run.attempt);
    call.reason = full_name_of(run) + " " + ending_of(run);
    planner.plan(call);
    if (run.attempt == 1 || !record_into_one(settings)) return;
    // What several attempts record into may still be known by the first one's number.
    call.operation = Operation::cancel_run;
    call.only_if_in_progress = true;
    call.reason = "what its attempts recorded together is cancelled as well";
    planner.plan(call);
}

/// R2: it ended in another way, so its reporter should have ended the recorded run. Where a runner
/// died, it did not.
void apply_orphaned(const WorkflowRun& run, const Settings& settings, Planner& planner) {
    PlannedCall call = call_for(Rule::orphaned, Operation::cancel_run, run, settings, run.attempt);
    call.only_if_in_progress = true;
    call.delay = settings.sweep_after;
    call.reason =
        full_name_of(run) + " " + ending_of(run) + ": what it left in progress is cancelled";
    planner.plan(call);
}

/// R3a: GitHub starts attempt N only after N-1 has ended, so nobody goes on reporting to what N-1
/// recorded. Whether it is still in progress, only the Runs API knows.
void apply_rerun(const WorkflowRun& run, const Settings& settings, Planner& planner) {
    const int previous = run.attempt - 1;
    PlannedCall call = call_for(Rule::rerun, Operation::cancel_ci, run, settings, previous);
    call.only_if_in_progress = true;
    call.reason = full_name_of(run) + " is a re-run: what attempt " + std::to_string(previous) +
                  " left in progress is cancelled";
    planner.plan(call);
}

/// R3b: what all attempts record into counts as complete, and is opened again for this one. With an
/// id of its own (reset: always), that is what the attempt before recorded.
void apply_reset(const WorkflowRun& run, const Settings& settings, Planner& planner) {
    PlannedCall call = call_for(Rule::rerun, Operation::reset_run, run, settings, run.attempt);
    call.ci_build_id = settings.ci_build_id.render(run, run.attempt - 1);
    call.claimed_before = run.started_at;
    call.reason =
        full_name_of(run) + " is a re-run: what failed or was not finished can be claimed again";
    planner.plan(call);
}

/// Takes back what was planned for an attempt and has not been done when it is too late for it.
void withdraw_outdated(const WorkflowRun& run, const Settings& settings, const Known& known,
                       Planner& planner) {
    int newest = run.attempt;
    for (const KnownAttempt& other : known.attempts) newest = std::max(newest, other.attempt);
    const std::string& host = run.key.host;
    const auto own = [&](const KnownCall& call) {
        const std::string ours = "/" + host + "/" + std::to_string(run.key.run_id) + "/";
        return call.key.starts_with(std::string(to_string(call.operation)) + ours);
    };
    if (record_into_one(settings))
        planner.withdraw("attempt " + std::to_string(newest) + " goes on in the same recorded run",
                         [&](const KnownCall& call) {
                             const bool cancels = call.operation == Operation::cancel_ci ||
                                                  call.operation == Operation::cancel_run;
                             return own(call) && cancels && call.attempt < newest;
                         });
    if (!ended(run)) return;
    planner.withdraw(name_of(run, run.attempt) + " " + ending_of(run), [&](const KnownCall& call) {
        const bool moot = call.operation == Operation::reset_run || asks_github(call.operation);
        return own(call) && moot && call.attempt <= run.attempt;
    });
}

/// Why a re-run that is heard of for the first time changes nothing.
std::string why_no_rerun(const WorkflowRun& run, const Settings& settings) {
    const std::string name = full_name_of(run) + " is a re-run, but ";
    if (record_into_one(settings))
        return name +
               "all attempts share one CI build id, so nothing is "
               "cancelled, and the policy"
               " has rerun.reset: never";
    return name + "the policy has rerun.cancel_previous off";
}

/// R6: how long the last results of a job may still be on their way to the Runs API.
constexpr std::chrono::milliseconds results_under_way = std::chrono::seconds(10);

/// R6: why this event of a job says nothing about its machine; empty: it does.
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
    const KnownAttempt* const attempt = find_attempt(known, job.attempt);
    if ((attempt != nullptr && attempt->completed) || knows_newer_attempt(known, job.attempt))
        return name + " ended, and so has its attempt";
    return {};
}

/// R5: why nothing follows from this event.
std::string why_nothing(const WorkflowRun& run, const Settings& settings, const Known& known) {
    const KnownAttempt* own = find_attempt(known, run.attempt);
    if (ended(run)) {
        const bool listed = ends_recorded_run(run, settings);
        return name_of(run, run.attempt) + " " + ending_of(run) +
               (listed ? ", but a newer attempt goes on under the same CI build id"
                       : ", which is not in cancel_on");
    }
    if (own != nullptr && own->completed)
        return "a late event: " + name_of(run, run.attempt) + " is already completed";
    if (run.action == "completed")
        return name_of(run, run.attempt) +
               " is said to be completed, but without a conclusion (its status "
               "is " +
               (run.status.empty() ? "not given" : one_line(run.status)) + ")";
    if (run.attempt > 1 && own == nullptr) return why_no_rerun(run, settings);
    return name_of(run, run.attempt) + " is not completed (" +
           (run.action.empty() ? "no action" : one_line(run.action)) + ")";
}

}  // namespace

Decision decide(const WorkflowRun& run, const Policy& policy, const Known& known) {
    const auto [settings, rule] = policy.match(run);
    if (settings->ignore) {
        Decision ignored;
        ignored.reason = "the policy ignores " + one_line(run.repository);
        if (rule && policy.rules[*rule].line > 0)
            ignored.reason += " (rule at line " + std::to_string(policy.rules[*rule].line) + ")";
        return ignored;
    }

    Planner planner(*settings, known);
    withdraw_outdated(run, *settings, known, planner);
    const bool one = record_into_one(*settings);
    const bool outrun = knows_newer_attempt(known, run.attempt);
    // What all attempts record into belongs to the newest.
    if (ended(run) && !(one && outrun)) {
        if (ends_recorded_run(run, *settings)) {
            apply_cancelled(run, *settings, planner);
        } else if (settings->sweep_orphans) {
            apply_orphaned(run, *settings, planner);
        }
    }

    const bool first_heard = find_attempt(known, run.attempt) == nullptr;
    if (!first_heard) return planner.finish(why_nothing(run, *settings, known));
    if (run.attempt > 1 && settings->cancel_previous && !one) apply_rerun(run, *settings, planner);
    if (run.attempt > 1 && resets(*settings) && !ended(run) && !outrun)
        apply_reset(run, *settings, planner);
    apply_superseded(run, *settings, known, planner);

    return planner.finish(why_nothing(run, *settings, known));
}

Decision decide(const WorkflowJob& job, const Policy& policy, const Known& known) {
    Decision nothing;
    nothing.reason = why_no_lost_machine(job, known);
    if (!nothing.reason.empty()) return nothing;
    const WorkflowRun& run = *known.last;
    const auto [settings, rule] = policy.match(run);
    const std::string name = "the job " + one_line(job.name) + " of " + name_of(run, job.attempt);
    if (settings->ignore) {
        nothing.reason = "the policy ignores " + one_line(run.repository);
        return nothing;
    }
    const auto machine = machine_id_of(settings->machine_id, settings->jobs, run, job);
    if (!machine) {
        nothing.reason = name + (job.runner_name.empty() ? " was given to no runner"
                                                         : " is none of the policy's jobs");
        return nothing;
    }
    PlannedCall call =
        call_for(Rule::dead_runner, Operation::reset_run, run, *settings, job.attempt);
    call.machine_id = *machine;
    call.claimed_before = job.completed_at;
    call.delay = results_under_way;
    call.reason = name + " ended: what its machine " + one_line(*machine) +
                  " holds unfinished can be claimed by others";
    Planner planner(*settings, known);
    planner.plan(call);
    return planner.finish("");
}

Decision decide(const Event& event, const Policy& policy, const Known& known) {
    return std::visit([&](const auto& one) { return decide(one, policy, known); }, event);
}

}  // namespace runs_agent::decide
