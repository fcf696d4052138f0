// SPDX-License-Identifier: MIT
#include "decide/decide.hpp"
#include "tests/decide/example_run.hpp"

#include <gtest/gtest.h>

namespace runs_agent::decide {
namespace {

Decision after(const std::vector<WorkflowRun>& events, const WorkflowJob& job,
               const Policy& policy = {}) {
    History history;
    for (const WorkflowRun& event : events) history.record(event, {});
    return decide(job, policy, history.known_of(job));
}

TEST(DeadRunner, WhatItsMachineHoldsIsOpenedForTheOthers) {
    const Decision decision = after({example_run()}, example_job());
    EXPECT_EQ(decision.rule, Rule::dead_runner);
    EXPECT_EQ(to_string(decision.rule), "R6");
    ASSERT_EQ(decision.calls.size(), 1U);
    const PlannedCall& call = decision.calls[0];
    EXPECT_EQ(call.operation, Operation::reset_run);
    EXPECT_EQ(call.machine_id, "runner-7");
    EXPECT_EQ(call.ci_build_id, "octo/demo-1001-1");
    EXPECT_EQ(call.claimed_before, example_job().completed_at);
    EXPECT_EQ(call.delay, std::chrono::seconds(10));
    EXPECT_EQ(decision.policy, "the built-in settings");
    EXPECT_EQ(after({}, example_job()).policy, "") << "no rule was asked for";
}

TEST(DeadRunner, TheMachineIsFoundByThePolicysTemplate) {
    Policy policy;
    policy.defaults.machine_id = "e2e-${{ matrix.shard }}";
    policy.defaults.jobs = {"e2e (${{ matrix.shard }})"};
    const Decision decision = after({example_run()}, example_job(), policy);
    ASSERT_EQ(decision.calls.size(), 1U);
    EXPECT_EQ(decision.calls[0].machine_id, "e2e-3");
    WorkflowJob other = example_job();
    other.name = "lint (3)";
    EXPECT_TRUE(after({example_run()}, other, policy).calls.empty());
}

TEST(DeadRunner, AMachineThatIsNotCertainIsLeftAlone) {
    Policy policy;
    policy.defaults.machine_id = "e2e-${{ matrix.shard }}";
    policy.defaults.jobs = {"*(${{ matrix.shard }}*)*"};
    WorkflowJob ended = example_job();
    ended.name = "e2e (12, chrome)";
    const Decision decision = after({example_run()}, ended, policy);
    EXPECT_TRUE(decision.calls.empty());
    EXPECT_EQ(decision.rule, Rule::none);
    EXPECT_EQ(
        decision.reason.find(
            "the job e2e (12, chrome) of attempt 1 of run 1001 (e2e in "
            "octo/demo) has a name that can be read in two ways, with matrix.shard as 1 and as 12"),
        0U)
        << decision.reason;
}

TEST(DeadRunner, WhereNothingCanBeSaidNothingIsDone) {
    const auto changed = [](auto change) {
        WorkflowJob job = example_job();
        change(job);
        return job;
    };
    struct Case {
        std::vector<WorkflowRun> events;
        WorkflowJob job;
        const char* says;
    };
    const Case cases[] = {
        {{example_run()}, changed([](auto& job) { job.action = "in_progress"; }), "not ended"},
        {{example_run()}, changed([](auto& job) { job.conclusion = "skipped"; }), "skipped"},
        {{example_run()}, changed([](auto& job) { job.runner_name = ""; }), "no runner"},
        {{example_run()}, changed([](auto& job) { job.completed_at = {}; }), "when it ended"},
        {{}, example_job(), "subscribe the webhook"},
        {{example_run("completed", "cancelled")}, example_job(), "so has its attempt"},
        {{example_run(), example_run("in_progress", "", 2)}, example_job(), "so has its attempt"},
    };
    for (const Case& each : cases) {
        const Decision decision = after(each.events, each.job);
        EXPECT_EQ(decision.rule, Rule::none) << each.says;
        EXPECT_TRUE(decision.calls.empty()) << each.says;
        EXPECT_NE(decision.reason.find(each.says), std::string::npos) << decision.reason;
    }
    Policy ignoring;
    ignoring.defaults.ignore = true;
    EXPECT_TRUE(after({example_run()}, example_job(), ignoring).calls.empty());
}

TEST(DeadRunner, IsLookedAfterOnceForEachJobAndNotWhenTheRunHasEnded) {
    History history;
    history.record(example_run(), {});
    const WorkflowJob job = example_job();
    history.record(decide(job, {}, history.known_of(job)));
    const Decision again = decide(job, {}, history.known_of(job));
    EXPECT_TRUE(again.calls.empty());
    EXPECT_NE(again.reason.find("already planned"), std::string::npos);

    WorkflowJob next = job;  // the same machine, with another job of the run
    next.completed_at += std::chrono::minutes(1);
    history.record(decide(next, {}, history.known_of(next)));
    const WorkflowRun end = example_run("completed", "failure");
    EXPECT_EQ(decide(end, {}, history.known_of(end)).withdrawn.size(), 2U);
}

}  // namespace
}  // namespace runs_agent::decide
