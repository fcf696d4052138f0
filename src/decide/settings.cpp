// SPDX-License-Identifier: MIT
#include "decide/settings.hpp"

#include "decide/wording.hpp"

#include <algorithm>

namespace runs_agent::decide {

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

Decision ignored(const WorkflowRun& run, const Policy& policy, std::optional<std::size_t> rule) {
    Decision decision;
    decision.reason = "the policy ignores " + one_line(run.repository);
    if (rule && policy.rules[*rule].line > 0)
        decision.reason += " (rule at line " + std::to_string(policy.rules[*rule].line) + ")";
    return decision;
}

Decision unknown_workflow(const WorkflowRun& run) {
    Decision decision;
    decision.reason =
        name_of(run, run.attempt) +
        " is left alone: a rule of the policy asks for the name of its workflow, which"
        " was not told; name the workflow's file there instead";
    return decision;
}

const KnownAttempt* find_attempt(const Known& known, int attempt) {
    const auto found =
        std::find_if(known.attempts.begin(), known.attempts.end(),
                     [attempt](const KnownAttempt& one) { return one.attempt == attempt; });
    return found == known.attempts.end() ? nullptr : &*found;
}

}  // namespace runs_agent::decide
