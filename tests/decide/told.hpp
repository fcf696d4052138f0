// SPDX-License-Identifier: MIT
// A history of one attempt to vary in tests: events with GitHub's times, and what is open after
// them.
#pragma once

#include "decide/decide.hpp"
#include "tests/decide/example_run.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace runs_agent::decide {

using namespace std::chrono_literals;

inline const Time ten(std::chrono::hours(490'000));

/// An event of attempt 1 of run 1001, of the life that began at `started`, as it was at `at`.
inline WorkflowRun told(const std::string& action, const std::string& conclusion, Time started,
                        Time at) {
    WorkflowRun run = example_run(action, conclusion);
    run.created_at = ten;
    run.started_at = started;
    run.updated_at = at;
    return run;
}

inline WorkflowRun goes_on(Time started, Time at) {
    return told("in_progress", "", started, at);
}
inline WorkflowRun ends(const std::string& conclusion, Time started, Time at) {
    return told("completed", conclusion, started, at);
}

inline Policy everything() {
    Policy policy;
    policy.defaults.sweep_orphans = true;
    policy.defaults.superseded = true;
    return policy;
}

/// What came of a history.
struct Told {
    History history;
    Decision last;
    std::set<std::string> open;  // calls that nobody has taken back

    explicit Told(const std::vector<WorkflowRun>& events, const Policy& policy = everything()) {
        for (const WorkflowRun& event : events) tell(event, policy);
    }
    /// The store takes a key that it knows for the same call; a careful one may be made certain.
    static void expect_to_be_new(const PlannedCall& call, const Known& known) {
        for (const KnownCall& planned : known.calls) {
            const bool made_certain = planned.only_if_in_progress && !call.only_if_in_progress;
            EXPECT_TRUE(planned.key != call.key() || (made_certain && !planned.withdrawn))
                << planned.key << " is planned again";
        }
    }
    const Decision& tell(const WorkflowRun& event, const Policy& policy = everything()) {
        const Known known = history.known_of(event);
        last = decide(event, policy, known);
        for (const PlannedCall& call : last.calls) expect_to_be_new(call, known);
        history.record(event, last);
        for (const Withdrawal& withdrawal : last.withdrawn) open.erase(withdrawal.key);
        for (const PlannedCall& call : last.calls) open.insert(call.key());
        return last;
    }
};

using Keys = std::set<std::string>;

inline std::string later(const std::string& cause, Time as_of) {
    return std::to_string(as_of.time_since_epoch().count()) + "@" + cause;
}

inline const std::string sweep = "cancel-run/github.com/1001/1/";
inline const std::string cancellation = "cancel-ci/github.com/1001/1/";

}  // namespace runs_agent::decide
