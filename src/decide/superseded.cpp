// SPDX-License-Identifier: MIT
#include "decide/superseded.hpp"

#include "decide/glob.hpp"
#include "decide/text.hpp"
#include "decide/wording.hpp"

#include <algorithm>

namespace runs_agent::decide {

namespace {

/// Events do not tell a tag from a branch, so what is named like a version counts as a tag: an
/// optional v, a digit, and nothing that no version holds.
bool looks_like_version(std::string_view name) {
    if (name.starts_with('v') || name.starts_with('V')) name.remove_prefix(1);
    if (name.empty() || !is_digit(name[0])) return false;
    return std::all_of(name.begin(), name.end(), [](char c) {
        return is_digit(c) || is_letter(c) || c == '.' || c == '-' || c == '+';
    });
}

/// How long after it was made a run's first attempt may be said to have begun.
constexpr std::chrono::milliseconds at_once = std::chrono::minutes(1);

/// A re-run may keep its attempt's number, and the end before it be heard of later.
bool may_be_rerun(const KnownAttempt& attempt, Time created_at, Time newer_created_at) {
    if (attempt.attempt > 1 || attempt.went_on_after() != Time()) return true;
    if (attempt.started_at() == Time())
        return true;  // nor is it known whether it is the first life
    return created_at != Time() && newer_created_at > created_at &&
           attempt.started_at() >= created_at + at_once;
}

/// Was the attempt there before the newer run was made? A person who runs an older run again,
/// later, means it; only times tell that, and where they are missing nothing is cancelled.
bool began_before(const KnownAttempt& attempt, Time created_at, Time newer_created_at) {
    if (!may_be_rerun(attempt, created_at, newer_created_at)) return true;
    const Time begun = attempt.had_begun_by();
    return begun != Time() && newer_created_at != Time() && begun < newer_created_at;
}

std::string short_name(std::int64_t run_id, std::int64_t run_number) {
    return "run " + std::to_string(run_id) + " (number " + std::to_string(run_number) + ")";
}

struct Pair {
    RunKey older;
    std::int64_t older_number;
    KnownAttempt attempt;  // of the older run
    RunKey newer;
    std::int64_t newer_number;
};

void supersede(const WorkflowRun& run, const Settings& settings, const Pair& pair,
               DecisionBuilder& planner) {
    WorkflowRun older = run;  // of the same group, so the rest is the same, but for people
    older.key = pair.older;
    older.run_number = pair.older_number;

    PlannedCall call;
    call.operation = Operation::cancel_ci;
    call.rule = Rule::superseded;
    call.run = pair.older;
    call.attempt = pair.attempt.attempt;
    call.as_of = pair.attempt.within();
    call.went_on_after = pair.attempt.went_on_after();
    call.ci_build_id = settings.ci_build_id.render(older, call.attempt);
    // It may have ended in the meantime, and its event still be on its way.
    call.only_if_in_progress = true;
    call.reason = "attempt " + std::to_string(call.attempt) + " of " +
                  short_name(pair.older.run_id, pair.older_number) + " is superseded by " +
                  short_name(pair.newer.run_id, pair.newer_number) + " on " +
                  one_line(run.head_branch) + " of " + one_line(run.head_repository);
    planner.add_for_each_project(call);
    planner.supersede(call.run, call.attempt);
    if (!settings.cancel_workflow) return;
    call.only_if_in_progress = false;
    call.ci_build_id.clear();
    call.operation = Operation::cancel_workflow;
    planner.add_github_call(call);
    if (!settings.force_after) return;
    call.operation = Operation::force_cancel_workflow;
    call.delay = *settings.force_after;
    planner.add_github_call(call);
}

}  // namespace

bool can_be_told_apart(const WorkflowRun& run) {
    const bool has_workflow = run.workflow_id > 0 || !run.workflow_path.empty();
    return run.run_number > 0 && has_workflow && !run.head_sha.empty();
}

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
    // GitHub's names of repositories have no case.
    const bool own = glob_matches_name(run.head_repository, run.repository);
    if (own && run.default_branch.empty()) return "the default branch is not known";
    if (own && run.head_branch == run.default_branch) return "it is on the default branch";
    if (own && run.head_branch.starts_with("gh-readonly-queue/")) return "it is in a merge queue";
    if (run.event == "push" && looks_like_version(run.head_branch))
        return "its branch is named like a version, so it may be a tag";
    return {};
}

void apply_superseded(const WorkflowRun& run, const Settings& settings, const Known& known,
                      const KnownAttempt& own, DecisionBuilder& planner) {
    if (!can_be_told_apart(run) || !why_left_alone(run, settings).empty()) return;

    for (const KnownRun& other : known.older)
        if (began_before(other.newest, other.created_at, run.created_at))
            supersede(run, settings,
                      {other.key, other.run_number, other.newest, run.key, run.run_number},
                      planner);

    const bool ran_again =
        std::any_of(known.attempts.begin(), known.attempts.end(),
                    [&run](const KnownAttempt& other) { return other.attempt > run.attempt; });
    if (own.completed() || ran_again || !known.newer) return;
    if (!began_before(own, run.created_at, known.newer->created_at)) {
        // Only now is it known to be a re-run. While it goes on, what cancels it can only be ours.
        const bool certain = own.began_no_sooner_than() >= known.newer->created_at;
        planner.withdraw(
            "attempt " + std::to_string(run.attempt) + " of " +
                short_name(run.key.run_id, run.run_number) +
                (certain ? " was run again after " : " may have been run again after ") +
                short_name(known.newer->key.run_id, known.newer->run_number) + " was made",
            [&run](const KnownCall& call) {
                return call.run == run.key && call.attempt == run.attempt &&
                       call.operation != Operation::reset_run;
            });
        return;
    }
    supersede(run, settings,
              {run.key, run.run_number, own, known.newer->key, known.newer->run_number}, planner);
}

}  // namespace runs_agent::decide
