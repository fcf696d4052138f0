// SPDX-License-Identifier: MIT
// Deliveries come twice, late and out of order; what is planned in the end must not depend on it.
#include "decide/decide.hpp"
#include "tests/decide/example_run.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>

namespace runs_agent::decide {
namespace {

/// What the store holds in the end: each call, and whether it is a careful one.
using Planned = std::map<std::string, bool>;

Planned play(const std::vector<WorkflowRun>& events, const Policy& policy) {
    History history;
    Planned planned;
    for (const WorkflowRun& event : events) {
        const Decision decision = decide(event, policy, history.known_of(event));
        history.record(event, decision);
        for (const PlannedCall& call : decision.calls) {
            const auto [known, added] = planned.try_emplace(call.key(), call.only_if_in_progress);
            // Planned again only to make a careful call certain.
            if (!added) {
                EXPECT_TRUE(known->second && !call.only_if_in_progress) << call.key();
                known->second = false;
            }
        }
    }
    return planned;
}

void expect_order_means_nothing(const std::vector<WorkflowRun>& events, const Planned& expected) {
    Policy policy;
    policy.rules.emplace_back();
    std::vector<std::size_t> order(events.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    do {
        std::vector<WorkflowRun> shuffled;
        std::string name;
        for (const std::size_t i : order) {
            shuffled.push_back(events[i]);
            name += std::to_string(i);
        }
        ASSERT_EQ(play(shuffled, policy), expected) << name;
    } while (std::next_permutation(order.begin(), order.end()));
}

TEST(Order, OneCancelledRun) {
    expect_order_means_nothing(
        {example_run("requested"), example_run("in_progress"), example_run("in_progress"),
         example_run("completed", "cancelled"), example_run("completed", "cancelled")},
        {{"cancel-ci/github.com/1001/1/", false}});
}

TEST(Order, ACancelledRunThatIsRunAgain) {
    expect_order_means_nothing(
        {example_run("requested"), example_run("in_progress"),
         example_run("completed", "cancelled"), example_run("in_progress", "", 2),
         example_run("completed", "success", 2), example_run("in_progress", "", 2)},
        {{"cancel-ci/github.com/1001/1/", false}});
}

TEST(Order, AFailedRunThatIsRunAgainTwiceAndThenCancelled) {
    expect_order_means_nothing(
        {example_run("in_progress"), example_run("completed", "failure"),
         example_run("in_progress", "", 2), example_run("completed", "timed_out", 2),
         example_run("completed", "", 3), example_run("completed", "cancelled", 3)},
        {{"cancel-ci/github.com/1001/1/", true},
         {"cancel-ci/github.com/1001/2/", false},
         {"cancel-ci/github.com/1001/3/", false}});
}

TEST(Order, WithASharedBuildIdACancellationCountsUnlessANewerAttemptIsKnown) {
    // The documented exception: what was sent cannot be taken back when the newer attempt is heard
    // of. It is the only thing that depends on the order.
    Policy policy;
    policy.defaults.ci_build_id =
        std::get<BuildIdTemplate>(BuildIdTemplate::parse("${{ github.run_id }}"));
    policy.defaults.reset = Reset::never;
    const WorkflowRun cancelled = example_run("completed", "cancelled");
    const WorkflowRun newer = example_run("in_progress", "", 2);
    const Planned first{{"cancel-ci/github.com/1001/1/", false}};
    EXPECT_EQ(play({cancelled, newer, cancelled}, policy), first);
    EXPECT_EQ(play({newer, cancelled, newer}, policy), Planned());
    // The newest attempt's own end counts in any order.
    const WorkflowRun end = example_run("completed", "cancelled", 2);
    const Planned second{{"cancel-ci/github.com/1001/2/", false},
                         {"cancel-run/github.com/1001/2/", true}};
    EXPECT_EQ(play({newer, cancelled, end}, policy), second);
    EXPECT_EQ(play({end, newer, cancelled}, policy), second);
}

TEST(Order, RunsDoNotDisturbEachOther) {
    WorkflowRun elsewhere = example_run("completed", "cancelled");
    elsewhere.key.host = "github.octo.example";
    expect_order_means_nothing(
        {example_run("in_progress"), example_run("completed", "success"), elsewhere,
         example_run("in_progress", "", 1, 1002), example_run("completed", "stale", 1, 1002),
         example_run("completed", "neutral", 1, 1003)},
        {{"cancel-ci/github.octo.example/1001/1/", false},
         {"cancel-ci/github.com/1002/1/", false}});
}

}  // namespace
}  // namespace runs_agent::decide
