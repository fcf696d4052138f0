// SPDX-License-Identifier: MIT
#include "decide/decide.hpp"

#include "decide/dead_runner.hpp"
#include "decide/decision_builder.hpp"
#include "decide/settings.hpp"
#include "decide/superseded.hpp"
#include "decide/wording.hpp"

#include <algorithm>

namespace runs_agent::decide {

namespace {

/// The event's own attempt, with what the event tells of it.
struct Own {
    KnownAttempt after;
    News news = News::goes_on;
    bool first = true;         // heard of for the first time
    bool ends = false;         // the event tells of the end of its newest life
    bool begins = false;       // or of a life that is new, or of when it began
    bool anew = false;         // and not the first
    bool outrun = false;       // a newer attempt is known
    bool tells_start = false;  // the first event of the newest life that does
    /// The event does not tell of the end, and yet it is certain only now, or is another life's
    /// than was thought: what was taken back for that is due.
    bool settles = false;
};

bool knows_newer_attempt(const Known& known, int attempt) {
    return std::any_of(known.attempts.begin(), known.attempts.end(),
                       [attempt](const KnownAttempt& other) { return other.attempt > attempt; });
}

/// Is it known of a life that goes on that it had begun sooner than was known before?
bool had_begun_sooner(const KnownAttempt& before, const KnownAttempt& after) {
    const Time known = before.had_begun_by();
    return !after.completed() && after.had_begun_by() != Time() &&
           (known == Time() || after.had_begun_by() < known);
}

Own look_at(const WorkflowRun& run, const Known& known) {
    Own own;
    own.after.attempt = run.attempt;
    if (const KnownAttempt* const earlier = find_attempt(known, run.attempt)) {
        own.after = *earlier;
        own.first = known.replayed;
    }
    const KnownAttempt before = own.after;
    const Time went_on_after = before.went_on_after();
    const bool was_in_doubt = before.is_in_doubt();
    const bool had_ended = before.completed();
    own.news = news_of(own.after, run);
    merge_event(own.after, run);
    // It may be begun anew without its end having been heard of, or before that.
    const bool is_newest = own.news != News::none && own.news != News::unclear;
    const bool is_late_end = own.news == News::none && !own.after.completed();
    own.anew =
        !own.first && (is_newest || is_late_end) && own.after.went_on_after() > went_on_after;
    own.outrun = knows_newer_attempt(known, run.attempt);
    // An attempt that was run again under a new number is over.
    if (own.news == News::unclear && own.outrun) own.news = tells_end(run) ? News::end : News::none;
    own.ends = own.news == News::end || own.news == News::new_end;
    own.tells_start = !own.first && !own.after.completed() && before.started_at() == Time() &&
                      own.after.started_at() != Time();
    own.begins = own.anew || own.tells_start || (own.first && own.news != News::none) ||
                 (!own.first && had_begun_sooner(before, own.after));
    const bool moved = had_ended && own.after.went_on_after() > went_on_after;
    own.settles =
        !own.ends && (was_in_doubt || moved) && own.after.completed() && !own.after.is_in_doubt();
    return own;
}

/// The ends that are known of the newest life, the newest first, as if the event told them once
/// more.
std::vector<WorkflowRun> known_ends(const WorkflowRun& run, const KnownAttempt& attempt) {
    std::vector<WorkflowRun> all;
    for (const Telling& end : attempt.ends()) {
        WorkflowRun& told = all.emplace_back(run);
        told.action = told.status = "completed";
        told.conclusion = end.conclusion;
        told.started_at = attempt.ended.started_at;
        told.updated_at = end.at;
    }
    return all;
}

/// Did it end in a way that the policy lists?
bool ends_recorded_run(const WorkflowRun& run, const Settings& settings) {
    return std::find(settings.cancel_on.begin(), settings.cancel_on.end(), run.conclusion) !=
           settings.cancel_on.end();
}

/// Holds a call to the newest life of its attempt. What was taken back because nobody could tell
/// whether the attempt goes on is asked for again once it is known to be over.
void hold_to(PlannedCall& call, const KnownAttempt& attempt, bool is_over) {
    call.as_of = std::max(call.as_of, attempt.within());
    call.went_on_after = attempt.went_on_after();
    if (attempt.doubt == Doubt::none || (attempt.is_in_doubt() && !is_over)) return;
    call.went_on_after = std::max(call.went_on_after, attempt.within());
    call.as_of = std::max(call.as_of, call.went_on_after + std::chrono::milliseconds(1));
}

PlannedCall own_call(Rule rule, Operation operation, const WorkflowRun& run,
                     const Settings& settings, const Own& own) {
    PlannedCall call = call_for(rule, operation, run, settings, own.after.attempt);
    KnownAttempt attempt = own.after;
    // Of an end that was told in other words, the call is as old as those that ask for it.
    if (own.ends && attempt.completed()) attempt.ended = moment_of(run);
    hold_to(call, attempt, own.outrun);
    return call;
}

/// R1: the attempt ended in a way after which nobody reports its results.
void apply_cancelled(const WorkflowRun& run, const Settings& settings, const Own& own,
                     DecisionBuilder& planner) {
    PlannedCall call = own_call(Rule::cancelled, Operation::cancel_ci, run, settings, own);
    call.reason = full_name_of(run) + " " + ending_of(run);
    planner.add_for_each_project(call);
    if (run.attempt == 1 || !record_into_one(settings)) return;
    // What several attempts record into may still be known by the first one's number.
    call.operation = Operation::cancel_run;
    call.only_if_in_progress = true;
    call.reason = "what its attempts recorded together is cancelled as well";
    planner.add_for_each_project(call);
}

/// R2: it ended in another way, so its reporter should have ended the recorded run. Where a runner
/// died, it did not.
void apply_orphaned(const WorkflowRun& run, const Settings& settings, const Own& own,
                    DecisionBuilder& planner) {
    PlannedCall call = own_call(Rule::orphaned, Operation::cancel_run, run, settings, own);
    call.only_if_in_progress = true;
    call.delay = settings.sweep_after;
    call.reason =
        full_name_of(run) + " " + ending_of(run) + ": what it left in progress is cancelled";
    planner.add_for_each_project(call);
}

/// R1 and R2. A life that ended in several words is cancelled for one of them, and swept for one:
/// that they are told once more, or in another order, asks for nothing else.
void apply_ends(const std::vector<WorkflowRun>& ends, const Settings& settings, const Own& own,
                DecisionBuilder& planner) {
    const auto is_listed = [&](const WorkflowRun& end) { return ends_recorded_run(end, settings); };
    const auto listed = std::find_if(ends.begin(), ends.end(), is_listed);
    if (listed != ends.end()) apply_cancelled(*listed, settings, own, planner);
    const auto other = std::find_if_not(ends.begin(), ends.end(), is_listed);
    if (other != ends.end() && settings.sweep_orphans)
        apply_orphaned(*other, settings, own, planner);
}

/// R3a: GitHub starts attempt N only after N-1 has ended, so nobody goes on reporting to what N-1
/// recorded. Whether it is still in progress, only the Runs API knows.
void apply_rerun(const WorkflowRun& run, const Settings& settings, const Known& known,
                 DecisionBuilder& planner) {
    const int previous = run.attempt - 1;
    PlannedCall call = call_for(Rule::rerun, Operation::cancel_ci, run, settings, previous);
    call.only_if_in_progress = true;
    call.as_of = run.started_at;
    // Whatever lives it had, they are over.
    if (const KnownAttempt* const before = find_attempt(known, previous))
        hold_to(call, *before, true);
    call.reason = full_name_of(run) + " is a re-run: what attempt " + std::to_string(previous) +
                  " left in progress is cancelled";
    planner.add_for_each_project(call);
}

/// R3a for a life of an attempt that is heard of, or told from another, when a newer attempt is
/// known already.
void apply_left_over(const WorkflowRun& run, const Settings& settings, const Own& own,
                     DecisionBuilder& planner) {
    PlannedCall call = own_call(Rule::rerun, Operation::cancel_ci, run, settings, own);
    call.only_if_in_progress = true;
    call.reason = name_of(run, run.attempt) +
                  " was run again under another number: what it left in progress is cancelled";
    planner.add_for_each_project(call);
}

/// R3b: what all attempts record into counts as complete, and is opened again for this one. With an
/// id of its own (reset: always), that is what the attempt before recorded. Without a time nobody
/// can tell who is at work already from who is gone.
void apply_reset(const WorkflowRun& run, const Settings& settings, const Own& own,
                 DecisionBuilder& planner) {
    const KnownAttempt& attempt = own.after;
    if (attempt.started_at() == Time()) return;
    const bool new_life = attempt.went_on_after() != Time();
    PlannedCall call = own_call(Rule::rerun, Operation::reset_run, run, settings, own);
    call.ci_build_id = settings.ci_build_id.render(run, new_life ? run.attempt : run.attempt - 1);
    call.claimed_before = attempt.began_no_sooner_than();
    call.reason =
        full_name_of(run) + " is a re-run: what failed or was not finished can be claimed again";
    planner.add_for_each_project(call);
}

bool is_of(const KnownCall& call, const WorkflowRun& run) {
    return call.run == run.key;
}

std::string went_on(const KnownAttempt& attempt) {
    return attempt.conclusion.empty() ? " was begun anew" : " went on after it had ended";
}

/// Takes back what was planned for an earlier life of the attempt, or for one that may be.
void withdraw_of_earlier_lives(const WorkflowRun& run, const Own& own, DecisionBuilder& planner) {
    const Time went_on_after = own.after.went_on_after();
    const auto fits = [&](const KnownCall& call) {
        return is_of(call, run) && call.attempt == run.attempt;
    };
    if (went_on_after != Time())
        planner.withdraw(
            name_of(run, run.attempt) + went_on(own.after),
            [&](const KnownCall& call) { return fits(call) && call.as_of <= went_on_after; });
    if (own.news == News::unclear)
        planner.withdraw(name_of(run, run.attempt) +
                             " may go on after it had ended: the times that would tell are missing",
                         fits);
}

/// Takes back what was planned for an attempt and has not been done when it is too late for it.
void withdraw_outdated(const WorkflowRun& run, const Settings& settings, const Known& known,
                       const Own& own, DecisionBuilder& planner) {
    int newest = run.attempt;
    for (const KnownAttempt& other : known.attempts) newest = std::max(newest, other.attempt);
    if (record_into_one(settings))
        planner.withdraw("attempt " + std::to_string(newest) + " goes on in the same recorded run",
                         [&](const KnownCall& call) {
                             const bool cancels = call.operation == Operation::cancel_ci ||
                                                  call.operation == Operation::cancel_run;
                             return is_of(call, run) && cancels && call.attempt < newest;
                         });
    planner.withdraw("attempt " + std::to_string(newest) + " goes on", [&](const KnownCall& call) {
        const bool moot = call.operation == Operation::reset_run || asks_github(call.operation);
        return is_of(call, run) && moot && call.attempt < newest;
    });
    if (!own.ends) return;
    planner.withdraw(name_of(run, run.attempt) + " " + ending_of(run), [&](const KnownCall& call) {
        const bool moot = call.operation == Operation::reset_run || asks_github(call.operation);
        return is_of(call, run) && moot && call.attempt <= run.attempt;
    });
}

/// Why a re-run that is heard of for the first time changes nothing.
std::string why_no_rerun(const WorkflowRun& run, const Settings& settings) {
    const std::string name = full_name_of(run) + " is a re-run, but ";
    if (resets(settings))
        return name +
               "when it began is not told, so nobody knows whose specs are under way, and nothing"
               " is reset";
    if (record_into_one(settings))
        return name +
               "all attempts share one CI build id, so nothing is "
               "cancelled, and the policy"
               " has rerun.reset: never";
    return name + "the policy has rerun.cancel_previous off";
}

/// R5: why nothing follows from an event that tells of no end.
std::string why_nothing_goes_on(const WorkflowRun& run, const Settings& settings, const Own& own) {
    const std::string name = name_of(run, run.attempt);
    if (own.after.completed()) return "a late event: " + name + " is already completed";
    if (own.anew) return name + went_on(own.after);
    if (run.action == "completed" && run.conclusion.empty())
        return name +
               " is said to be completed, but without a conclusion (its status "
               "is " +
               (run.status.empty() ? "not given" : one_line(run.status)) + ")";
    if (run.action == "completed")
        return name + " waits for approval (action_required), and goes on after that";
    if (run.attempt > 1 && own.first && !own.outrun) return why_no_rerun(run, settings);
    return name + " is not completed (" +
           (run.action.empty() ? "no action" : one_line(run.action)) + ")";
}

/// R5: why nothing follows from this event.
std::string why_nothing(const WorkflowRun& run, const Settings& settings, const Own& own) {
    if (own.news == News::unclear)
        return name_of(run, run.attempt) +
               " has ended or goes on: this event lacks the times that would tell, so nothing is"
               " done for it";
    if (!tells_end(run)) return why_nothing_goes_on(run, settings, own);
    const std::string ended = name_of(run, run.attempt) + " " + ending_of(run);
    const bool tells_less = order_of(own.after.alive, moment_of(run)) == Order::unclear;
    if (!own.ends && own.after.completed() && tells_less) return ended + ", as is known already";
    if (!own.ends) return ended + ", but a later event tells that it went on after that";
    return ended + (ends_recorded_run(run, settings)
                        ? ", but a newer attempt goes on under the same CI build id"
                        : ", which is not in cancel_on");
}

/// By what of the policy holds for the run.
Decision decide_by(const Policy::Match& match, const WorkflowRun& run, const Policy& policy,
                   const Known& known) {
    const auto [settings, rule, unclear] = match;
    Own own = look_at(run, known);
    std::vector<WorkflowRun> ends;
    if (own.ends) ends.push_back(run);
    if (own.settles) ends = known_ends(run, own.after);
    const WorkflowRun told = own.settles ? ends.front() : run;
    own.ends = own.ends || own.settles;
    DecisionBuilder planner(*settings, known);
    // Whatever the policy says now: what waits may be wrong.
    withdraw_of_earlier_lives(told, own, planner);
    if (unclear) return planner.finish(unknown_workflow(told).reason);
    if (settings->ignore) return planner.finish(ignored(told, policy, rule).reason);
    withdraw_outdated(told, *settings, known, own, planner);
    const bool one = record_into_one(*settings);
    // What all attempts record into belongs to the newest.
    if (!(one && own.outrun)) apply_ends(ends, *settings, own, planner);
    // What was taken back of an earlier life was this, too.
    const bool is_another_life = own.anew || own.settles;
    if (is_another_life && own.outrun && settings->cancel_previous && !one)
        apply_left_over(told, *settings, own, planner);
    if (own.begins) {
        const bool is_rerun = told.attempt > 1 && own.first;
        if (is_rerun && settings->cancel_previous && !one)
            apply_rerun(told, *settings, known, planner);
        const bool tells_rerun =
            own.tells_start && (told.attempt > 1 || own.after.went_on_after() != Time());
        if ((is_rerun || own.anew || tells_rerun) && resets(*settings) && !own.ends && !own.outrun)
            apply_reset(told, *settings, own, planner);
        apply_superseded(told, *settings, known, own.after, planner);
    }
    return planner.finish(why_nothing(told, *settings, own));
}

}  // namespace

Decision decide(const WorkflowRun& run, const Policy& policy, const Known& known) {
    const Policy::Match match = policy.match(run);
    Decision decision = decide_by(match, run, policy, known);
    decision.policy = policy.in_words(match);
    return decision;
}

bool looks_at_group(const WorkflowRun& run, const Policy& policy, const Known& known) {
    const auto [settings, rule, unclear] = policy.match(run);
    return !unclear && !settings->ignore && look_at(run, known).begins && can_be_told_apart(run) &&
           why_left_alone(run, *settings).empty();
}

Decision decide(const WorkflowJob& job, const Policy& policy, const Known& known) {
    return decide_job(job, policy, known);
}

Decision decide(const Event& event, const Policy& policy, const Known& known) {
    return std::visit([&](const auto& one) { return decide(one, policy, known); }, event);
}

}  // namespace runs_agent::decide
