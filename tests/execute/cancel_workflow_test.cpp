// SPDX-License-Identifier: MIT
#include "execute/cancel_workflow.hpp"

#include "tests/manual_clock.hpp"
#include "tests/quiet_github.hpp"
#include "tests/run_awaitable.hpp"

#include <gtest/gtest.h>

namespace runs_agent::execute {
namespace {

using decide::Operation;
using store::CallState;
using Asked = std::vector<std::string>;

class CancelWorkflowTest : public testing::Test {
protected:
    store::AfterTry perform(Operation operation = Operation::cancel_workflow,
                            const std::string& host = "github.com") {
        store::Call call;
        call.planned.operation = operation;
        call.planned.run = {host, 1001};
        call.planned.attempt = 1;
        call.planned.as_of = clock_.now();
        call.repository = "octo/demo";
        const Performed performed = tests::run(cancel_workflow(github_, call));
        log_ = performed.log;
        return judge(call, performed.reply, clock_.now(), 0.5);
    }

    tests::ManualClock clock_;
    tests::QuietGitHub github_;
    std::string log_;
};

TEST_F(CancelWorkflowTest, ARunThatGoesOnIsCancelled) {
    github_.hold("in_progress");
    const auto after = perform();
    EXPECT_EQ(github_.asked, (Asked{"get octo/demo 1001", "cancel octo/demo 1001"}));
    EXPECT_EQ(after.state, CallState::succeeded);
    EXPECT_EQ(after.outcome, "GitHub cancels workflow run 1001");
    perform(Operation::force_cancel_workflow);
    EXPECT_EQ(github_.asked.back(), "force-cancel octo/demo 1001");
}

TEST_F(CancelWorkflowTest, WhatHasEndedOrWasRunAgainIsLeftAlone) {
    github_.hold("completed");
    EXPECT_NE(perform().outcome.find("has ended"), std::string::npos);
    github_.hold("in_progress", 2);
    EXPECT_NE(perform(Operation::force_cancel_workflow).outcome.find("was run again"),
              std::string::npos);
    EXPECT_EQ(github_.asked, (Asked{"get octo/demo 1001", "get octo/demo 1001"}));
    github_.asked.clear();
    EXPECT_NE(perform(Operation::cancel_workflow, "ghes.octo.example").outcome.find("is of ghes"),
              std::string::npos);
    EXPECT_EQ(github_.asked, Asked());
}

TEST_F(CancelWorkflowTest, ARunThatWaitsForApprovalHasNotEndedAndOneThatWasBegunAnewIsLeftAlone) {
    github_.hold("completed");
    github_.run.value->conclusion = "action_required";
    EXPECT_EQ(perform().outcome, "GitHub cancels workflow run 1001");
    // Under its number, after what it was superseded for.
    github_.hold("in_progress");
    github_.run.value->started_at = clock_.now() + std::chrono::minutes(5);
    EXPECT_NE(perform().outcome.find("was run again"), std::string::npos);
}

TEST_F(CancelWorkflowTest, WhatGitHubAnswersDecides) {
    struct Case {
        int status;
        std::optional<std::chrono::milliseconds> retry_after;
        CallState state;
        const char* says;
    };
    const Case cases[] = {
        {409, {}, CallState::succeeded, "cannot cancel"},
        {401, {}, CallState::held, "mend GITHUB_TOKEN"},
        {403, {}, CallState::held, "mend GITHUB_TOKEN"},
        {403, std::chrono::minutes(3), CallState::pending, "again in 3"},
        {429, std::chrono::minutes(3), CallState::pending, "again in 3"},
        {404, {}, CallState::dead, "the token may not see it"},
        {500, {}, CallState::pending, "again in"},
        {422, {}, CallState::succeeded, "already so"},
    };
    for (const Case& each : cases) {
        github_.hold("queued");
        github_.cancelled = {each.status, "cannot cancel", {}, each.retry_after};
        const auto after = perform();
        EXPECT_EQ(after.state, each.state) << each.status;
        EXPECT_NE(after.outcome.find(each.says), std::string::npos) << after.outcome;
    }
}

TEST_F(CancelWorkflowTest, WithoutATokenItIsHeld) {
    const auto after = perform();
    EXPECT_EQ(after.state, CallState::held);
    EXPECT_NE(after.outcome.find("there is no token; mend GITHUB_TOKEN"), std::string::npos)
        << after.outcome;
}

}  // namespace
}  // namespace runs_agent::execute
