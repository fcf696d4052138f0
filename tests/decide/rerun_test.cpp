// SPDX-License-Identifier: MIT
#include "decide/decide.hpp"
#include "tests/decide/example_run.hpp"

#include <gtest/gtest.h>

namespace runs_agent::decide {
namespace {

Policy sharing(Reset reset = Reset::automatic) {
    Policy policy;
    policy.defaults.ci_build_id =
        std::get<BuildIdTemplate>(BuildIdTemplate::parse("${{ github.run_id }}"));
    policy.defaults.reset = reset;
    return policy;
}

TEST(Reset, AReRunThatKeepsItsBuildIdOpensTheRunAgain) {
    History history;
    history.record(example_run("completed", "failure"), {});
    const WorkflowRun again = example_run("in_progress", "", 2);
    const Decision decision = decide(again, sharing(), history.known_of(again));
    EXPECT_EQ(decision.rule, Rule::rerun);
    ASSERT_EQ(decision.calls.size(), 1U);
    const PlannedCall& call = decision.calls[0];
    EXPECT_EQ(call.operation, Operation::reset_run);
    EXPECT_EQ(call.attempt, 2);
    EXPECT_EQ(call.ci_build_id, "1001");
    EXPECT_EQ(call.claimed_before, again.started_at);
    EXPECT_EQ(call.machine_id, "");
    EXPECT_EQ(call.delay.count(), 0);
    EXPECT_EQ(call.key(), "reset-run/github.com/1001/2/");
}

TEST(Reset, HappensOncePerAttemptAndProject) {
    Policy policy = sharing();
    policy.defaults.project_ids = {"a", "b"};
    History history;
    std::size_t resets = 0;
    for (const WorkflowRun& event :
         {example_run("in_progress", "", 2), example_run("completed", "failure"),
          example_run("in_progress", "", 2), example_run("completed", "failure", 2),
          example_run("in_progress", "", 2), example_run("in_progress", "", 3)}) {
        const Decision decision = decide(event, policy, history.known_of(event));
        for (const PlannedCall& call : decision.calls)
            resets += call.operation == Operation::reset_run ? 1 : 0;
        history.record(event, decision);
    }
    EXPECT_EQ(resets, 4U);
}

TEST(Reset, IsTooLateForAnAttemptThatHasEndedOrBeenRunAgain) {
    const Decision ended = decide(example_run("completed", "success", 2), sharing(), {});
    EXPECT_TRUE(ended.calls.empty());
    History history;
    const WorkflowRun third = example_run("in_progress", "", 3);
    history.record(third, decide(third, sharing(), {}));
    const WorkflowRun late = example_run("in_progress", "", 2);
    EXPECT_TRUE(decide(late, sharing(), history.known_of(late)).calls.empty());
}

TEST(Reset, IsTakenBackWhenItsAttemptEnds) {
    History history;
    const WorkflowRun second = example_run("in_progress", "", 2);
    history.record(second, decide(second, sharing(), {}));
    const WorkflowRun end = example_run("completed", "failure", 2);
    const Decision decision = decide(end, sharing(), history.known_of(end));
    ASSERT_EQ(decision.withdrawn.size(), 1U);
    EXPECT_EQ(decision.withdrawn[0].key, "reset-run/github.com/1001/2/");
    EXPECT_NE(decision.withdrawn[0].reason.find("ended as failure"), std::string::npos);
    // Once is enough.
    history.record(end, decision);
    EXPECT_TRUE(decide(end, sharing(), history.known_of(end)).withdrawn.empty());
}

TEST(Reset, TheCancellationOfWhatGoesOnIsTakenBack) {
    History history;
    const WorkflowRun cancelled = example_run("completed", "cancelled");
    history.record(cancelled, decide(cancelled, sharing(), {}));
    const WorkflowRun again = example_run("in_progress", "", 2);
    const Decision decision = decide(again, sharing(), history.known_of(again));
    ASSERT_EQ(decision.withdrawn.size(), 1U);
    EXPECT_EQ(decision.withdrawn[0].key, "cancel-ci/github.com/1001/1/");
    // With ids of their own, attempt 1 stays cancelled.
    EXPECT_TRUE(decide(again, Policy(), history.known_of(again)).withdrawn.empty());
}

TEST(Reset, IsWhatThePolicySays) {
    const WorkflowRun again = example_run("in_progress", "", 2);
    const Decision never = decide(again, sharing(Reset::never), {});
    EXPECT_EQ(never.rule, Rule::none);
    EXPECT_NE(never.reason.find("rerun.reset: never"), std::string::npos) << never.reason;

    Policy always;
    always.defaults.reset = Reset::always;
    const Decision decision = decide(again, always, {});
    ASSERT_EQ(decision.calls.size(), 1U) << "what is opened again is not cancelled";
    EXPECT_EQ(decision.calls[0].operation, Operation::reset_run);
    EXPECT_EQ(decision.calls[0].ci_build_id, "octo/demo-1001-1");
}

Policy sweeping() {
    Policy policy;
    policy.defaults.sweep_orphans = true;
    policy.defaults.sweep_after = std::chrono::minutes(3);
    return policy;
}

TEST(Orphans, WhatEndedOtherwiseIsLookedAtLater) {
    for (const char* conclusion : {"success", "failure", "skipped", "neutral", "something_new"}) {
        const Decision decision = decide(example_run("completed", conclusion), sweeping(), {});
        EXPECT_EQ(decision.rule, Rule::orphaned) << conclusion;
        ASSERT_EQ(decision.calls.size(), 1U);
        const PlannedCall& call = decision.calls[0];
        EXPECT_EQ(call.operation, Operation::cancel_run);
        EXPECT_EQ(call.ci_build_id, "octo/demo-1001-1");
        EXPECT_TRUE(call.only_if_in_progress);
        EXPECT_EQ(call.delay, std::chrono::minutes(3));
    }
    EXPECT_EQ(decide(example_run("completed", "cancelled"), sweeping(), {}).rule, Rule::cancelled);
    EXPECT_EQ(decide(example_run("completed", ""), sweeping(), {}).rule, Rule::none);
    EXPECT_EQ(decide(example_run("in_progress"), sweeping(), {}).rule, Rule::none);
    EXPECT_EQ(decide(example_run("completed", "failure"), Policy(), {}).rule, Rule::none);
}

TEST(Orphans, AReRunThatKeepsTheBuildIdTakesTheSweepBack) {
    Policy policy = sharing();
    policy.defaults.sweep_orphans = true;
    History history;
    const WorkflowRun failed = example_run("completed", "failure");
    history.record(failed, decide(failed, policy, {}));
    const WorkflowRun again = example_run("in_progress", "", 2);
    const Decision decision = decide(again, policy, history.known_of(again));
    ASSERT_EQ(decision.withdrawn.size(), 1U);
    EXPECT_EQ(decision.withdrawn[0].key, "cancel-run/github.com/1001/1/");
    history.record(again, decision);
    EXPECT_TRUE(decide(failed, policy, history.known_of(failed)).calls.empty());
}

}  // namespace
}  // namespace runs_agent::decide
