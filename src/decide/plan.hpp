// What a decision is: the rule that fired, why, and the calls that follow from it.
#pragma once

#include "decide/facts.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace runs_agent::decide {

/// The rules, as docs/rules.md lists them.
enum class Rule { cancelled, orphaned, rerun, superseded, none, dead_runner };

/// "R1" to "R6", in the order above.
std::string_view to_string(Rule rule);

/// What is to be done; the names are those that people see.
enum class Operation {
    cancel_ci,              // PUT /runs/cancel-ci/github
    cancel_run,             // look the run up by its CI build id; PUT /runs/{runId}/cancel
    reset_run,              // look the run up by its CI build id; PUT /runs/{runId}/reset
    cancel_workflow,        // GitHub's POST …/actions/runs/{id}/cancel
    force_cancel_workflow,  // GitHub's POST …/actions/runs/{id}/force-cancel
};

std::string_view to_string(Operation operation);
/// Is GitHub asked, and not the Runs API?
bool asks_github(Operation operation);
std::optional<Operation> parse_operation(std::string_view name);

struct PlannedCall {
    Operation operation = Operation::cancel_ci;
    Rule rule = Rule::none;
    RunKey run;
    int attempt = 1;
    std::string project_id;   // empty: the call names no project
    std::string ci_build_id;  // rendered; how the recorded run is looked up where that is needed

    /// Send it only if the recorded run is found and still IN_PROGRESS (rule R3: what GitHub said
    /// does not tell whether the recorded run has ended).
    bool only_if_in_progress = false;

    /// Of reset_run: the one machine whose unfinished specs are meant; empty: every machine that
    /// holds failed or unfinished ones.
    std::string machine_id;
    /// Of reset_run: what was claimed from then on belongs to somebody who is at work. None: 0.
    Time claimed_before{};

    std::chrono::milliseconds delay{0};  // not before this long after the decision
    std::string reason;                  // one line for a person

    /// The same key is the same call: it is planned once, however many events ask for it.
    std::string key() const;

    bool operator==(const PlannedCall&) const = default;
};

/// Open calls of the event's own run that have become wrong, as the run went on.
struct Withdrawal {
    std::string key;     // of the call
    std::string reason;  // one line for a person

    bool operator==(const Withdrawal&) const = default;
};

struct Decision {
    Rule rule = Rule::none;  // the first that fired, also where its calls were planned before
    std::string reason;
    std::vector<PlannedCall> calls;
    std::vector<Withdrawal> withdrawn;

    bool operator==(const Decision&) const = default;
};

}  // namespace runs_agent::decide
