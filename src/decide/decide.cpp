#include "decide/decide.hpp"

#include <algorithm>

namespace runs_agent::decide {

namespace {

/// Text from outside, made fit for one line: control characters become spaces.
std::string one_line(std::string_view text) {
    std::string clean(text);
    std::replace_if(
        clean.begin(), clean.end(),
        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
    return clean;
}

/// "attempt 2 of run 1001 (e2e in octo/demo)"
std::string name_of(const WorkflowRun& run, int attempt) {
    std::string name =
        "attempt " + std::to_string(attempt) + " of run " + std::to_string(run.key.run_id);
    const std::string workflow = run.workflow_name.empty() ? run.workflow_path : run.workflow_name;
    name += workflow.empty() ? " (" : " (" + one_line(workflow) + " in ";
    return name + one_line(run.repository) + ")";
}

/// How an attempt ended, in words. GitHub does not say who cancelled a run, so neither do we.
std::string ending(const std::string& conclusion) {
    if (conclusion == "cancelled") return "was cancelled";
    if (conclusion == "timed_out") return "ran out of time";
    if (conclusion == "stale") return "went stale";
    if (conclusion == "startup_failure") return "failed to start";
    return "ended as " + one_line(conclusion);
}

/// "started by octocat", with who re-ran it where somebody did.
std::string starter(const WorkflowRun& run) {
    const std::string& who = run.triggering_actor.empty() ? run.actor : run.triggering_actor;
    return who.empty() ? "" : ", started by " + one_line(who) + ",";
}

const KnownAttempt* find_attempt(const Known& known, int attempt) {
    for (const KnownAttempt& candidate : known.attempts)
        if (candidate.attempt == attempt) return &candidate;
    return nullptr;
}

bool knows_newer_attempt(const Known& known, int attempt) {
    return std::any_of(known.attempts.begin(), known.attempts.end(),
                       [attempt](const KnownAttempt& other) { return other.attempt > attempt; });
}

/// Collects the calls of a decision and leaves out those that are planned already.
class Planner {
public:
    Planner(const WorkflowRun& run, const Settings& settings, const Known& known)
        : run_(run), settings_(settings), known_(known) {}

    /// One cancel_ci call for each mapped project, or one that names none.
    void cancel(Rule rule, int attempt, bool only_if_in_progress, const std::string& reason) {
        std::vector<std::string> projects = settings_.project_ids;
        if (projects.empty()) projects.emplace_back();
        bool added = false;
        for (std::string& project : projects) {
            PlannedCall call;
            call.operation = Operation::cancel_ci;
            call.rule = rule;
            call.run = run_.key;
            call.attempt = attempt;
            call.project_id = std::move(project);
            call.ci_build_id = settings_.ci_build_id.render(run_, attempt);
            call.only_if_in_progress = only_if_in_progress;
            call.reason = reason;
            added = add(std::move(call)) || added;
        }
        fire(rule, added ? reason : reason + "; the call for it is planned already");
    }

    /// The decision; where no rule fired, it says `otherwise`.
    Decision finish(std::string otherwise) {
        if (decision_.reason.empty()) decision_.reason = std::move(otherwise);
        return std::move(decision_);
    }

private:
    bool add(PlannedCall call) {
        const std::string key = call.key();
        for (const KnownCall& planned : known_.calls)
            // A careful call gives way to one that may be sent outright; never the other way.
            if (planned.key == key && !(planned.only_if_in_progress && !call.only_if_in_progress))
                return false;
        decision_.calls.push_back(std::move(call));
        return true;
    }

    void fire(Rule rule, const std::string& reason) {
        if (decision_.reason.empty()) decision_.rule = rule;
        decision_.reason += decision_.reason.empty() ? reason : "; " + reason;
    }

    const WorkflowRun& run_;
    const Settings& settings_;
    const Known& known_;
    Decision decision_;
};

/// R1: the attempt ended in a way after which nobody reports its results.
void apply_cancelled(const WorkflowRun& run, Planner& planner) {
    planner.cancel(Rule::cancelled, run.attempt, false,
                   name_of(run, run.attempt) + starter(run) + " " + ending(run.conclusion));
}

/// R3a: GitHub starts attempt N only after N-1 has ended, so the recorded run of N-1 must not go
/// on.
void apply_rerun(const WorkflowRun& run, Planner& planner) {
    planner.cancel(Rule::rerun, run.attempt - 1, true,
                   name_of(run, run.attempt) + starter(run) + " follows attempt " +
                       std::to_string(run.attempt - 1) + ", whose recorded run is over");
}

/// R5: why nothing follows from this event.
std::string why_nothing(const WorkflowRun& run, const Settings& settings, const Known& known) {
    const std::string name = name_of(run, run.attempt);
    const KnownAttempt* own = find_attempt(known, run.attempt);
    if (run.action != "completed") {
        if (own != nullptr && own->completed)
            return "a late event: " + name + " has completed already";
        if (run.attempt > 1 && own == nullptr && settings.ci_build_id.shared_by_attempts())
            return name +
                   " goes on in the recorded run of the attempt before: its CI build id names "
                   "no run_attempt, so nothing is cancelled";
        return name + " is under way (" + one_line(run.action) + ")";
    }
    if (run.conclusion.empty()) return name + " is said to be completed, but without a conclusion";
    return name + " ended as " + one_line(run.conclusion) + ", which needs nothing";
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

    Planner planner(run, *settings, known);
    const bool shared = settings->ci_build_id.shared_by_attempts();
    const bool ended_so = run.action == "completed" &&
                          std::find(settings->cancel_on.begin(), settings->cancel_on.end(),
                                    run.conclusion) != settings->cancel_on.end();
    if (ended_so && shared && knows_newer_attempt(known, run.attempt))
        return planner.finish("a late event: the recorded run of " + name_of(run, run.attempt) +
                              " goes on in a newer attempt with the same CI build id");
    if (ended_so) apply_cancelled(run, planner);

    const bool first_heard = find_attempt(known, run.attempt) == nullptr;
    if (run.attempt > 1 && first_heard && settings->cancel_previous && !shared)
        apply_rerun(run, planner);

    return planner.finish(why_nothing(run, *settings, known));
}

}  // namespace runs_agent::decide
