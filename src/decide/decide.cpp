#include "decide/decide.hpp"

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

/// Did the attempt end in a way that the policy lists? Payloads contradict themselves: without a
/// conclusion, `completed` says nothing.
bool ends_recorded_run(const WorkflowRun& run, const Settings& settings) {
    return run.action == "completed" && !run.conclusion.empty() &&
           std::find(settings.cancel_on.begin(), settings.cancel_on.end(), run.conclusion) !=
               settings.cancel_on.end();
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
        fire(rule, added ? reason : reason + " (already planned)");
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
            if (planned.key == key && (!planned.only_if_in_progress || call.only_if_in_progress))
                return false;
        for (const PlannedCall& planned : decision_.calls)
            if (planned.key() == key) return false;  // a project that is listed twice
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
    planner.cancel(Rule::cancelled, run.attempt, false, full_name_of(run) + " " + ending_of(run));
}

/// R3a: GitHub starts attempt N only after N-1 has ended, so nobody goes on reporting to what N-1
/// recorded. Whether it is still in progress, only the Runs API knows.
void apply_rerun(const WorkflowRun& run, Planner& planner) {
    planner.cancel(Rule::rerun, run.attempt - 1, true,
                   full_name_of(run) + " is a re-run: what attempt " +
                       std::to_string(run.attempt - 1) + " left in progress is cancelled");
}

/// Why a re-run that is heard of for the first time cancels nothing.
std::string why_no_rerun(const WorkflowRun& run, const Settings& settings) {
    const std::string name = full_name_of(run) + " is a re-run, but ";
    if (settings.ci_build_id.shared_by_attempts())
        return name + "all attempts share one CI build id, so nothing is cancelled";
    return name + "the policy has rerun.cancel_previous off";
}

/// R5: why nothing follows from this event.
std::string why_nothing(const WorkflowRun& run, const Settings& settings, const Known& known) {
    const KnownAttempt* own = find_attempt(known, run.attempt);
    if (run.action == "completed" && !run.conclusion.empty()) {
        const bool listed = ends_recorded_run(run, settings);
        return name_of(run, run.attempt) + " " + ending_of(run) +
               (listed ? ", but a newer attempt goes on under the same CI build id"
                       : ", which is not in cancel_on");
    }
    if (own != nullptr && own->completed)
        return "a late event: " + name_of(run, run.attempt) + " is already completed";
    if (run.action == "completed")
        return name_of(run, run.attempt) +
               " is said to be completed, but without a conclusion (its status is " +
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

    Planner planner(run, *settings, known);
    const bool shared = settings->ci_build_id.shared_by_attempts();
    // With a shared build id the recorded run belongs to the newest attempt.
    if (ends_recorded_run(run, *settings) && !(shared && knows_newer_attempt(known, run.attempt)))
        apply_cancelled(run, planner);

    const bool first_heard = find_attempt(known, run.attempt) == nullptr;
    if (run.attempt > 1 && first_heard && settings->cancel_previous && !shared)
        apply_rerun(run, planner);

    return planner.finish(why_nothing(run, *settings, known));
}

}  // namespace runs_agent::decide
