// SPDX-License-Identifier: MIT
#include "agent/daemon/daemon.hpp"

#include "runs_api/client.hpp"
#include "tests/agent/quiet_store.hpp"
#include "tests/captured_log.hpp"
#include "tests/manual_clock.hpp"
#include "tests/quiet_github.hpp"
#include "tests/scripted_transport.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <thread>

namespace runs_agent::agent {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

class DaemonTest : public testing::Test {
protected:
    DaemonTest()
        : transport_([](const auto&) { return tests::answer(404); }),
          api_(transport_, clock_, "http://api.test/v1", [] { return Result<std::string>("k"); }) {}

    void start(bool catch_up = false) {
        DaemonOptions options;
        options.catch_up = catch_up;
        options.retention = {36h, 8 * 24h};
        options.listen = "127.0.0.1:0";
        options.webhook_secrets = {"secret"};
        options.policy.defaults.project_ids = {"a-project-whose-name-is-on-the-heap"};
        daemon_.emplace(context_.get_executor(), std::move(options), store_, api_, github_, clock_,
                        log_.log(), metrics_, [] { return 0.5; });
        ASSERT_TRUE(daemon_->start().has_value());
        work();
    }

    /// Does all that can be done without time passing.
    void work() {
        context_.restart();
        context_.poll();
    }

    /// Where something stays under way, the clock must be moved for the stop to end.
    void stop(std::chrono::milliseconds bound) {
        bool stopped = false;
        asio::co_spawn(context_, daemon_->stop(bound),
                       [&stopped](std::exception_ptr) { stopped = true; });
        const auto end = std::chrono::steady_clock::now() + 20s;
        while (!stopped) {
            ASSERT_LT(std::chrono::steady_clock::now(), end) << "it did not stop";
            context_.restart();
            if (context_.run_for(2ms) == 0 && clock_.next() != Time::max())
                clock_.advance(clock_.next() - clock_.now());
        }
    }

    tests::ManualClock clock_;
    tests::CapturedLog log_{clock_};
    tests::ScriptedTransport transport_;
    runs_api::RunsApiClient api_;
    Metrics metrics_;
    tests::QuietGitHub github_;
    QuietStore store_;
    asio::io_context context_;
    std::optional<Daemon> daemon_;
};

TEST_F(DaemonTest, ADecisionUnderWayOutlivesTheDaemon) {
    store_.deciding_ends = false;
    start();
    ASSERT_TRUE(store_.decider);
    stop(1s);
    daemon_.reset();

    decide::WorkflowRun run;
    run.key = {"github.com", 1001};
    run.attempt = 1;
    run.action = "completed";
    run.conclusion = "cancelled";
    const auto decision = store_.decider->decide(run, {});
    ASSERT_EQ(decision.calls.size(), 1U);
    EXPECT_EQ(decision.calls[0].project_id, "a-project-whose-name-is-on-the-heap");
}

TEST_F(DaemonTest, WhatOthersLeaveIsLookedAtAtOnce) {
    start();
    const int decisions = store_.decisions;
    const int claims = store_.claims;
    ASSERT_TRUE(store_.changed);
    std::thread(store_.changed).join();  // as a store does
    work();
    EXPECT_EQ(store_.decisions, decisions + 1);
    EXPECT_EQ(store_.claims, claims + 1);
    stop(1s);
    std::thread(store_.changed).join();
    daemon_.reset();
    work();  // nothing that is gone is touched
    EXPECT_EQ(store_.decisions, decisions + 1);
}

TEST_F(DaemonTest, CatchesUpOnlyWhereNobodyElseDoes) {
    store_.on_duty = false;
    start(true);
    clock_.advance(15s);
    work();
    EXPECT_EQ(store_.hooks_asked, 0);
    store_.on_duty = true;
    clock_.advance(15s);
    work();
    EXPECT_GT(store_.hooks_asked, 0);
    stop(1s);
}

TEST_F(DaemonTest, PruningLetsOthersWriteBetweenItsSteps) {
    store_.to_prune = {500, 500};
    start();
    EXPECT_EQ(store_.kept.bodies, 36h);
    EXPECT_EQ(store_.kept.rows, 8 * 24h);
    EXPECT_EQ(store_.prunes, 1);
    work();
    EXPECT_EQ(store_.prunes, 1);
    for (const int expected : {2, 3, 3}) {  // the third finds nothing, so there is no hurry
        clock_.advance(100ms);
        work();
        EXPECT_EQ(store_.prunes, expected);
    }
    clock_.advance(1h);
    work();
    EXPECT_EQ(store_.prunes, 4);
    stop(1s);
}

TEST_F(DaemonTest, WhatOneRoundStumblesOverEndsNoPart) {
    store_.bugs = 1;
    start();
    EXPECT_NE(log_.text().find("a bug in deciding"), std::string::npos) << log_.text();
    EXPECT_NE(log_.text().find("a bug in pruning"), std::string::npos) << log_.text();
    EXPECT_NE(log_.text().find("a bug in claiming"), std::string::npos) << log_.text();
    clock_.advance(1h);
    work();
    EXPECT_EQ(store_.decisions, 2);
    EXPECT_EQ(store_.claims, 2);
    EXPECT_EQ(store_.prunes, 2);
    stop(1s);
}

TEST_F(DaemonTest, WhereNothingIsUnderWayItStopsAtOnce) {
    start(true);
    bool stopped = false;
    asio::co_spawn(context_, daemon_->stop(20s),
                   [&stopped](std::exception_ptr) { stopped = true; });
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (!stopped && std::chrono::steady_clock::now() < end) {
        context_.restart();
        context_.run_for(2ms);
    }
    EXPECT_TRUE(stopped) << "and its clock stood still";
    EXPECT_EQ(log_.text().find("daemon.stopped_early"), std::string::npos) << log_.text();
}

TEST_F(DaemonTest, AStepOfTheClockDoesNotKeepItFromPruning) {
    start();
    for (const std::chrono::hours step : {-1'000h, 1'000h}) {
        const int before = store_.prunes;
        clock_.step(step);
        clock_.advance(1h);
        work();
        EXPECT_EQ(store_.prunes, before + 1) << step.count();
    }
    stop(1s);
}

TEST_F(DaemonTest, AStepOfTheClockDoesNotMakeTheStopLonger) {
    store_.deciding_ends = false;
    start();
    const SteadyTime begin = clock_.steady();
    bool stopped = false;
    asio::co_spawn(context_, daemon_->stop(20s),
                   [&stopped](std::exception_ptr) { stopped = true; });
    work();
    EXPECT_FALSE(stopped) << "the decision is under way";
    clock_.step(-10h);
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (!stopped && std::chrono::steady_clock::now() < end) {
        clock_.advance(1s);
        context_.restart();
        context_.run_for(2ms);
    }
    EXPECT_TRUE(stopped);
    EXPECT_LE(clock_.steady() - begin, 25s);
    EXPECT_NE(log_.text().find("daemon.stopped_early"), std::string::npos) << log_.text();
}

}  // namespace
}  // namespace runs_agent::agent
