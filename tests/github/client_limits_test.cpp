// SPDX-License-Identifier: MIT
#include "github/client.hpp"
#include "tests/github/github_fixture.hpp"
#include "tests/scripted_transport.hpp"

#include <gtest/gtest.h>

#include <tuple>

namespace runs_agent::github {
namespace {

class GitHubClientLimitsTest : public GitHubTest {
protected:
    Answer<Repository> get() { return ask(client_.get_repository("octo/shop")); }
    ListWorkflowRuns all_runs() const {
        ListWorkflowRuns query;
        query.repository = "octo/shop";
        return query;
    }
    void put_run(std::int64_t id, const std::string& status = "in_progress") {
        tests::FakeRun run;
        run.id = id;
        run.status = status;
        fake_.put_run("octo/shop", run);
    }
};

TEST_F(GitHubClientLimitsTest, ASecondaryLimitIsKept) {
    fake_.limit_next(1, 30);
    const auto first = get();
    EXPECT_EQ(first.status, 403);
    EXPECT_EQ(first.retry_after, 30s);
    EXPECT_NE(first.message.find("secondary rate limit"), std::string::npos);

    clock_.advance(10s);
    const auto second = get();
    EXPECT_EQ(second.status, 429);
    EXPECT_EQ(second.retry_after, 20s);
    EXPECT_EQ(second.message,
              "nothing was sent: a rate limit of GitHub's API holds for another 20 s");
    EXPECT_EQ(ask(client_.cancel_workflow_run("octo/shop", 7)).status, 429);
    EXPECT_EQ(fake_.requests().size(), 1U);

    clock_.advance(20s);
    EXPECT_EQ(get().status, 200);
    EXPECT_EQ(fake_.requests().size(), 2U);
}

TEST_F(GitHubClientLimitsTest, ASecondaryLimitWithoutAnEndLastsAMinute) {
    fake_.limit_next(1, -1, 429);
    EXPECT_EQ(get().retry_after, 60s);
    clock_.advance(59s);
    EXPECT_EQ(get().retry_after, 1s);
    clock_.advance(1s);
    EXPECT_EQ(get().status, 200);
}

TEST_F(GitHubClientLimitsTest, ThePrimaryLimitIsNotOverrun) {
    fake_.access().limit = 3;
    for (int id = 1; id <= 3; ++id) put_run(id);
    for (int id = 1; id <= 3; ++id)
        EXPECT_EQ(ask(client_.get_workflow_run("octo/shop", id)).status, 200);
    // The third answer said that it was the last.
    const auto fourth = get();
    EXPECT_EQ(fourth.status, 429);
    EXPECT_EQ(fourth.retry_after, 1h);
    EXPECT_EQ(fake_.requests().size(), 3U);
    clock_.advance(1h);
    EXPECT_EQ(get().status, 200);
}

TEST_F(GitHubClientLimitsTest, ThePrimaryLimitMayBeUsedUpByOthers) {
    fake_.access().limit = 0;
    const auto answer = get();
    EXPECT_EQ(answer.status, 403);
    EXPECT_EQ(answer.retry_after, 1h);
    EXPECT_NE(answer.message.find("API rate limit exceeded"), std::string::npos);
}

TEST_F(GitHubClientLimitsTest, AnotherTokenHasALimitOfItsOwn) {
    fake_.limit_next(1, 30);
    EXPECT_EQ(get().status, 403);
    fake_.access().tokens["mended"] = {};
    token_ = std::string("mended");
    EXPECT_EQ(get().status, 200);
    token_ = std::string("good");
    EXPECT_EQ(get().status, 429);
}

TEST_F(GitHubClientLimitsTest, WhatHasNotChangedIsNotSentAndNotCounted) {
    fake_.access().limit = 2;
    put_run(7);
    const auto first = ask(client_.list_workflow_runs(all_runs()));
    for (int i = 0; i < 5; ++i) {
        const auto again = ask(client_.list_workflow_runs(all_runs()));
        EXPECT_EQ(again.status, 200);
        ASSERT_TRUE(again.value.has_value());
        ASSERT_EQ(again.value->runs.size(), 1U);
        EXPECT_EQ(again.value->runs[0].json, first.value->runs[0].json);
        EXPECT_TRUE(fake_.requests().back().headers.has("If-None-Match"));
    }
    EXPECT_FALSE(fake_.requests().front().headers.has("If-None-Match"));
    EXPECT_EQ(fake_.requests().size(), 6U);
}

TEST_F(GitHubClientLimitsTest, WhatHasChangedIsRead) {
    put_run(7);
    EXPECT_EQ(ask(client_.get_workflow_run("octo/shop", 7)).value->status, "in_progress");
    put_run(7, "completed");
    EXPECT_EQ(ask(client_.get_workflow_run("octo/shop", 7)).value->status, "completed");
    EXPECT_EQ(ask(client_.get_workflow_run("octo/shop", 7)).value->status, "completed");
    EXPECT_EQ(fake_.requests().size(), 3U);
}

TEST_F(GitHubClientLimitsTest, ARememberedPageStillKnowsTheNextOne) {
    for (int i = 0; i < 101; ++i) {
        tests::FakeDelivery delivery;
        delivery.guid = std::to_string(i);
        fake_.add_delivery(hook_, delivery);
    }
    const auto first = ask(client_.list_deliveries(hook_, ""));
    const auto again = ask(client_.list_deliveries(hook_, ""));
    EXPECT_TRUE(fake_.requests().back().headers.has("If-None-Match"));
    EXPECT_NE(again.value->next_cursor, "");
    EXPECT_EQ(again.value->next_cursor, first.value->next_cursor);
}

TEST_F(GitHubClientLimitsTest, A304ThatNobodyAskedForHoldsNothing) {
    fake_.fail_next(1, 304);
    const auto answer = get();
    EXPECT_EQ(answer.status, 304);
    EXPECT_FALSE(answer.value.has_value());
}

TEST(GitHubAnswers, AreTakenUpToWhatEachNeeds) {
    constexpr std::size_t mebibyte = 1024UL * 1024;
    tests::ScriptedTransport transport([](const auto&) { return tests::answer(404, "{}"); });
    const tests::ManualClock clock;
    TokenCredentials credentials([] { return Result<std::string>("good"); });
    GitHubClient client(transport, clock, "https://github.test", credentials);
    ListWorkflowRuns query;
    query.repository = "octo/shop";
    const Hook hook{HookTarget::repository, "octo/shop", "1"};
    std::ignore = tests::run(client.get_workflow_run("octo/shop", 7));
    std::ignore = tests::run(client.get_workflow_run_attempt("octo/shop", 7, 2));
    std::ignore = tests::run(client.cancel_workflow_run("octo/shop", 7));
    std::ignore = tests::run(client.force_cancel_workflow_run("octo/shop", 7));
    std::ignore = tests::run(client.get_repository("octo/shop"));
    std::ignore = tests::run(client.get_workflow("octo/shop", 5));
    std::ignore = tests::run(client.list_workflow_runs(query));
    std::ignore = tests::run(client.list_deliveries(hook, ""));
    std::ignore = tests::run(client.get_delivery(hook, 9));
    std::vector<std::size_t> most;
    most.reserve(transport.requests.size());
    for (const auto& request : transport.requests) most.push_back(request.max_answer / mebibyte);
    EXPECT_EQ(most, (std::vector<std::size_t>{1, 1, 1, 1, 1, 1, 16, 16, 32}));
}

}  // namespace
}  // namespace runs_agent::github
