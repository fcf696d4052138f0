#include "decide/superseded.hpp"

#include "decide/glob.hpp"
#include "decide/wording.hpp"

#include <algorithm>

namespace runs_agent::decide {

namespace {

/// A workflow that goes on this long after GitHub was asked to cancel it is cancelled by force.
constexpr std::chrono::milliseconds force_after = std::chrono::minutes(5);

/// Events do not tell a tag from a branch, so what is named like a version counts as a tag: an
/// optional v, a digit, and nothing that no version holds.
bool looks_like_version(std::string_view name) {
    if (name.starts_with('v') || name.starts_with('V')) name.remove_prefix(1);
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    if (name.empty() || !digit(name[0])) return false;
    return std::all_of(name.begin(), name.end(), [digit](char c) {
        return digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
               c == '-' || c == '+';
    });
}

/// Was the attempt there before the newer run was made? A person who runs an older run again,
/// later, means it; only times tell that, and where they are missing nothing is cancelled.
bool began_before(const KnownAttempt& attempt, Time newer_created_at) {
    if (attempt.attempt == 1) return true;
    return attempt.started_at != Time() && newer_created_at != Time() &&
           attempt.started_at < newer_created_at;
}

std::string short_name(std::int64_t run_id, std::int64_t run_number) {
    return "run " + std::to_string(run_id) + " (number " + std::to_string(run_number) + ")";
}

struct Pair {
    RunKey older;
    std::int64_t older_number;
    int attempt;  // of the older run
    RunKey newer;
    std::int64_t newer_number;
};

void supersede(const WorkflowRun& run, const Settings& settings, const Pair& pair,
               Planner& planner) {
    WorkflowRun older = run;  // of the same group, so the rest is the same, but for people
    older.key = pair.older;
    older.run_number = pair.older_number;

    PlannedCall call;
    call.operation = Operation::cancel_ci;
    call.rule = Rule::superseded;
    call.run = pair.older;
    call.attempt = pair.attempt;
    call.ci_build_id = settings.ci_build_id.render(older, pair.attempt);
    // It may have ended in the meantime, and its event still be on its way.
    call.only_if_in_progress = true;
    call.reason = "attempt " + std::to_string(pair.attempt) + " of " +
                  short_name(pair.older.run_id, pair.older_number) + " is superseded by " +
                  short_name(pair.newer.run_id, pair.newer_number) + " on " +
                  one_line(run.head_branch) + " of " + one_line(run.head_repository);
    planner.plan(call);
    if (!settings.cancel_workflow) return;
    call.only_if_in_progress = false;
    call.ci_build_id.clear();
    call.operation = Operation::cancel_workflow;
    planner.plan_beside(call);
    call.operation = Operation::force_cancel_workflow;
    call.delay = force_after;
    planner.plan_beside(call);
}

}  // namespace

std::string why_left_alone(const WorkflowRun& run, const Settings& settings) {
    if (!settings.superseded) return "superseded.enabled is off";
    if (run.event != "push" && run.event != "pull_request")
        return "only runs by push and pull_request are superseded";
    if (run.head_branch.empty()) return "its branch is not known";
    // Two forks that are gone look the same.
    if (run.head_repository.empty()) return "its head repository is gone";
    if (any_glob_matches(settings.protect, run.head_branch))
        return "superseded.protect lists its branch";
    if (any_glob_matches(settings.include, run.head_branch)) return {};
    const bool own = run.head_repository == run.repository;
    if (own && run.default_branch.empty()) return "the default branch is not known";
    if (own && run.head_branch == run.default_branch) return "it is on the default branch";
    if (own && run.head_branch.starts_with("gh-readonly-queue/")) return "it is in a merge queue";
    if (run.event == "push" && looks_like_version(run.head_branch))
        return "its branch is named like a version, so it may be a tag";
    return {};
}

void apply_superseded(const WorkflowRun& run, const Settings& settings, const Known& known,
                      Planner& planner) {
    if (!why_left_alone(run, settings).empty()) return;

    for (const KnownRun& other : known.group) {
        if (other.run_number >= run.run_number || other.newest.completed) continue;
        // Of one commit there may be several runs at a time, one for each pull request.
        if (other.head_sha == run.head_sha) continue;
        if (!began_before(other.newest, run.created_at)) continue;
        supersede(run, settings,
                  {other.key, other.run_number, other.newest.attempt, run.key, run.run_number},
                  planner);
    }

    const bool ended = run.action == "completed" && !run.conclusion.empty();
    const bool ran_again =
        std::any_of(known.attempts.begin(), known.attempts.end(),
                    [&run](const KnownAttempt& other) { return other.attempt > run.attempt; });
    if (ended || ran_again) return;
    KnownAttempt own;
    own.attempt = run.attempt;
    own.started_at = run.started_at;
    // The newest of those that count: any of them would do, and it is the one people look at.
    const auto newest =
        std::find_if(known.group.rbegin(), known.group.rend(), [&](const KnownRun& other) {
            return other.run_number > run.run_number && other.head_sha != run.head_sha &&
                   began_before(own, other.created_at);
        });
    if (newest == known.group.rend()) return;
    supersede(run, settings,
              {run.key, run.run_number, run.attempt, newest->key, newest->run_number}, planner);
}

}  // namespace runs_agent::decide
