// SPDX-License-Identifier: MIT
// What a decision is: the rule that fired, why, and the calls that follow from it.
#pragma once

#include "decide/facts.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
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

    /// GitHub's time of what it answers. A later life of the attempt than that (attempt.hpp) takes
    /// it back. 0: not known.
    Time as_of{};
    /// When the life before that one was over; 0: it is the first, as far as is known.
    Time went_on_after{};
    /// What tells its key from that of the same call for an earlier life; 0: there was none.
    Time life{};

    std::chrono::milliseconds delay{0};  // not before this long after the decision
    std::string reason;                  // one line for a person

    /// The same key is the same call: it is planned once, however many events ask for it. A later
    /// life of the attempt has calls of its own.
    std::string key() const;
    /// The key without what tells one life from another.
    std::string cause() const;

    bool operator==(const PlannedCall&) const = default;
};

/// The part of a key that PlannedCall::cause() makes, and PlannedCall::life.
std::string_view cause_of(std::string_view key);
Time life_of(std::string_view key);

/// Open calls of the event's own run that have become wrong, as the run went on.
struct Withdrawal {
    std::string key;     // of the call
    std::string reason;  // one line for a person
    Operation operation = Operation::cancel_ci;
    RunKey run;
    int attempt = 1;
    std::string project_id;

    bool operator==(const Withdrawal&) const = default;
};

struct Decision {
    Rule rule = Rule::none;  // the first that fired, also where its calls were planned before
    std::string reason;
    /// What of the policy held (Policy::in_words); empty: nothing that it says was asked for.
    std::string policy;
    std::vector<PlannedCall> calls;
    std::vector<Withdrawal> withdrawn;
    /// Attempts that a newer run supersedes, now or as was decided before.
    std::vector<std::pair<RunKey, int>> superseded;

    bool operator==(const Decision&) const = default;
};

}  // namespace runs_agent::decide
