// SPDX-License-Identifier: MIT
// How an executor ends in an orderly way, and with a store that fails.
#include "sqlite/database.hpp"
#include "tests/execute/executor_fixture.hpp"

namespace runs_agent::execute {
namespace {

TEST_F(ExecutorTest, WhatIsClaimedWhileStoppingIsGivenBackUnstarted) {
    start();
    until([this] { return clock_.next() != Time::max(); });
    plan(1001, {1});
    // The file is locked, so that the claim is under way when the stop comes.
    sqlite::Database other(dir_.file("a.db"));
    other.execute("BEGIN IMMEDIATE");
    context_.restart();
    context_.poll();
    executor_->stop();
    other.execute("ROLLBACK");
    until([this] { return !running_; });
    EXPECT_TRUE(transport_.requests.empty());
    EXPECT_EQ(
        tests::run(context_, store_->claim_due(clock_.now(), clock_.now() + 1min, 10, "Runs API"))
            ->size(),
        1U);
}

TEST_F(ExecutorTest, WhatIsUnderWayWhenItStopsIsRecorded) {
    asio::steady_timer gate(context_, asio::steady_timer::time_point::max());
    transport_.delay = [&gate]() -> asio::awaitable<void> {
        co_await gate.async_wait(asio::as_tuple(asio::use_awaitable));
    };
    start();
    plan(1001, {1});
    until([this] { return !transport_.requests.empty() && clock_.next() != Time::max(); });
    executor_->stop();
    context_.restart();
    context_.poll();
    EXPECT_TRUE(running_) << "an answer is on its way";
    gate.cancel();
    until([this] { return !running_; });
    EXPECT_EQ(show("1001-1").calls[0].call.state, store::CallState::succeeded);
}

TEST_F(ExecutorTest, ATryThatCouldNotBeRecordedIsToldWithItsAttempt) {
    script_ = [this](const auto&) {
        sqlite::Database(dir_.file("a.db")).execute("DROP TABLE tries");
        return answer(200, R"({"data":{"runId":"r"}})");
    };
    start();
    plan(1001, {3});
    const auto told = [this] { return log_.text().find("call.not_recorded"); };
    until([&] { return told() != std::string::npos; });
    const std::string line = log_.text().substr(told());
    EXPECT_NE(line.find(R"("run_id":1001,"attempt":3)"), std::string::npos) << line;
}

}  // namespace
}  // namespace runs_agent::execute
