// SPDX-License-Identifier: MIT
#include "tests/execute/executor_fixture.hpp"

namespace runs_agent::execute {
namespace {

TEST_F(ExecutorTest, DoesWhatIsPlannedAndRecordsIt) {
    start();
    plan(1001, {1});
    until([this] { return all_done(); });
    const auto detail = show("1001-1");
    ASSERT_EQ(detail.calls.size(), 1U);
    EXPECT_EQ(detail.calls[0].call.state, store::CallState::succeeded);
    EXPECT_EQ(detail.calls[0].call.outcome, "cancelled run r");
    ASSERT_EQ(detail.calls[0].tries.size(), 1U);
    EXPECT_EQ(detail.calls[0].tries[0].status, 200);
}

TEST_F(ExecutorTest, HowManySpecsAResetOpenedIsRecorded) {
    operation_ = decide::Operation::reset_run;
    script_ = [](const net::HttpRequest& request) {
        if (request.method == "PUT") return answer(200, R"({"data":{"resetSpecs":7}})");
        return answer(200, R"({"data":{"runId":"r","completionState":"COMPLETE","specs":[
            {"machineId":"m","completedAt":null}]}})");
    };
    start();
    plan(1001, {1});
    until([this] { return all_done(); });
    EXPECT_EQ(show("1001-1").calls.at(0).call.outcome, "reset 1 machine of run r");
    const auto counts = tests::run(context_, store_->count(clock_.now() - 1h, 2h, 1));
    EXPECT_EQ(counts.value().at(0).reopened, 1);
    EXPECT_EQ(counts.value().at(0).specs, 7);
}

TEST_F(ExecutorTest, CallsOfOneRunAreDoneInOrderThroughAnyTrouble) {
    int failures = 3;
    script_ = [&failures](const net::HttpRequest&) {
        if (failures-- > 0) return answer(503);
        return answer(200, R"({"status":"OK","data":{"runId":"r"}})");
    };
    start();
    plan(1001, {1, 2, 3});
    until([this] { return all_done(); });
    std::vector<std::string> attempts;
    for (const auto& request : transport_.requests) {
        const auto at = request.body.find("Attempt\":") + 9;
        attempts.push_back(request.body.substr(at, 1));
    }
    EXPECT_EQ(attempts, (std::vector<std::string>{"1", "1", "1", "1", "2", "3"}));
    EXPECT_EQ(show("1001-1").calls[0].tries.size(), 4U);
}

TEST_F(ExecutorTest, ATroubledRunDoesNotHoldUpOthers) {
    script_ = [](const net::HttpRequest& request) {
        return request.body.find("\"666\"") != std::string::npos
                   ? answer(500)
                   : answer(200, R"({"status":"OK","data":{"runId":"r"}})");
    };
    start();
    plan(666, {1, 2});
    plan(1001, {1});
    plan(1002, {1});
    until([this] { return backlog().pending == 2; });
    EXPECT_EQ(show("1001-1").calls[0].call.state, store::CallState::succeeded);
    EXPECT_EQ(show("1002-1").calls[0].call.state, store::CallState::succeeded);
    EXPECT_EQ(show("666-2").calls[0].tries.size(), 0U);
}

TEST_F(ExecutorTest, NotFoundWaitsItsGraceThenIsNothingToCancel) {
    script_ = [](const auto&) { return answer(404, R"({"error":"Run not found"})"); };
    start();
    plan(1001, {1});
    const Time planned = clock_.now();
    until([this] { return all_done(); });
    const auto detail = show("1001-1");
    EXPECT_EQ(detail.calls[0].tries.size(), 4U);
    EXPECT_GE(clock_.now() - planned, 6min);
    EXPECT_EQ(detail.calls[0].call.state, store::CallState::succeeded);
}

TEST_F(ExecutorTest, ARefusedKeyHoldsCallsAndAMendedOneLetsThemGo) {
    bool mended = false;
    script_ = [&mended](const auto&) {
        return mended ? answer(200, R"({"status":"OK","data":{"runId":"r"}})")
                      : answer(401, R"({"error":"Invalid API key provided"})");
    };
    start();
    for (const int run : {1, 2, 3, 4}) plan(run, {1});
    until([this] { return backlog().held == 4; });
    EXPECT_NE(backlog().held_because.find("Invalid API key"), std::string::npos)
        << backlog().held_because;
    const auto asked = transport_.requests.size();
    clock_.advance(5min);
    until([this, asked] { return transport_.requests.size() > asked && backlog().held == 4; });
    EXPECT_LE(transport_.requests.size(), asked + 2);  // a probe, not all of them
    mended = true;
    until([this] { return all_done(); });
    EXPECT_EQ(backlog().dead, 0);
}

TEST_F(ExecutorTest, AHeldCallHasAWholeDayOnceTheKeyIsMended) {
    int status = 401;
    script_ = [&status](const auto&) {
        return status == 200 ? answer(200, R"({"status":"OK","data":{"runId":"r"}})")
                             : answer(status);
    };
    ExecutorOptions options;
    options.poll = 1h;  // three days in few steps
    start(options);
    plan(1001, {1});
    until([this] { return backlog().held == 1; });
    const Time held = clock_.now();
    until([&] { return clock_.now() - held > 72h; });
    EXPECT_EQ(backlog().held, 1);
    status = 503;  // the key works again, and the service has a bad moment
    until([this] { return backlog().pending == 1; });
    EXPECT_EQ(backlog().dead, 0);
    status = 200;
    until([this] { return all_done(); });
    EXPECT_EQ(show("1001-1").calls[0].call.state, store::CallState::succeeded);
}

TEST_F(ExecutorTest, AKeyThatStaysRefusedIsAskedForLessAndLess) {
    script_ = [](const auto&) { return answer(403); };
    ExecutorOptions options;
    options.poll = 60s;
    start(options);
    plan(1001, {1});
    until([this] { return backlog().held == 1; });
    const Time held = clock_.now();
    until([&] { return clock_.now() - held > 24h; });
    EXPECT_GT(transport_.requests.size(), 100U);
    EXPECT_LT(transport_.requests.size(), 160U);  // every ten minutes in the end
}

TEST_F(ExecutorTest, WithoutAKeyCallsAreHeldNotTriedToDeath) {
    key_.clear();
    start();
    plan(1001, {1});
    until([this] { return backlog().held == 1; });
    EXPECT_NE(backlog().held_because.find("the key's file is empty"), std::string::npos)
        << backlog().held_because;
    EXPECT_TRUE(transport_.requests.empty());
    key_ = "sk-4711";
    until([this] { return all_done(); });
    EXPECT_EQ(show("1001-1").calls[0].call.state, store::CallState::succeeded);
}

TEST_F(ExecutorTest, ARunThatWasNotRecordedDoesNotHoldUpItsNextAttempt) {
    script_ = [](const net::HttpRequest& request) {
        return request.body.find("Attempt\":1") != std::string::npos
                   ? answer(404)
                   : answer(200, R"({"status":"OK","data":{"runId":"r"}})");
    };
    start();
    plan(1001, {1, 2});
    const Time planned = clock_.now();
    until([this] { return show("1001-2").calls[0].call.state == store::CallState::succeeded; });
    EXPECT_LT(clock_.now() - planned, 10s);
    until([this] { return all_done(); });
}

TEST_F(ExecutorTest, WhatWasDoneIsCounted) {
    script_ = [](const net::HttpRequest& request) {
        return request.body.find("\"666\"") != std::string::npos
                   ? answer(418)
                   : answer(200, R"({"status":"OK","data":{"runId":"r"}})");
    };
    start();
    plan(666, {1});
    plan(1, {1});
    plan(2, {1});
    until([this] { return all_done(); });
    const std::string text = metrics_.text();
    for (const char* const line : {"{operation=\"cancel-ci\",state=\"dead\"} 1\n",
                                   "{operation=\"cancel-ci\",state=\"succeeded\"} 2\n",
                                   "end_to_end_seconds_count{operation=\"cancel-ci\"} 2\n"})
        EXPECT_NE(text.find(line), std::string::npos) << line << text;
}

TEST_F(ExecutorTest, OneForbiddenProjectDoesNotStopTheRest) {
    script_ = [](const net::HttpRequest& request) {
        return request.body.find("\"666\"") != std::string::npos
                   ? answer(403)
                   : answer(200, R"({"status":"OK","data":{"runId":"r"}})");
    };
    start();
    plan(666, {1});
    until([this] { return backlog().held == 1; });
    plan(1001, {1});
    until([this] { return show("1001-1").calls[0].call.state == store::CallState::succeeded; });
    EXPECT_EQ(backlog().held + backlog().pending, 1);
}

TEST_F(ExecutorTest, WhatAnEarlierProcessHadClaimedIsDone) {
    plan(1001, {1});
    const auto claimed =
        tests::run(context_, store_->claim_due(clock_.now(), clock_.now() + 10min, 10, "Runs API"));
    ASSERT_EQ(claimed->size(), 1U);
    const Time before = clock_.now();
    start();
    until([this] { return all_done(); });
    EXPECT_LT(clock_.now() - before, 10min);
    EXPECT_EQ(transport_.requests.size(), 1U);
}

TEST_F(ExecutorTest, NeverMoreAtOnceThanAllowed) {
    int most = 0;
    script_ = [&](const auto&) {
        most = std::max(most, executor_->in_flight());
        return answer(200, R"({"status":"OK","data":{"runId":"r"}})");
    };
    ExecutorOptions options;
    options.concurrency = 3;
    for (int run = 1; run <= 20; ++run) plan(run, {1});
    start(options);
    until([this] { return all_done(); });
    EXPECT_EQ(transport_.requests.size(), 20U);
    EXPECT_LE(most, 3);
    EXPECT_GE(most, 2);
}

TEST_F(ExecutorTest, StopLeavesWhatIsNotStartedForTheNextProcess) {
    ExecutorOptions options;
    options.concurrency = 1;
    for (int run = 1; run <= 5; ++run) plan(run, {1});
    script_ = [this](const auto&) {
        executor_->stop();
        return answer(200, R"({"status":"OK","data":{"runId":"r"}})");
    };
    start(options);
    until([this] { return !running_; });
    EXPECT_EQ(backlog().pending, 4);
    executor_.reset();
    start();
    until([this] { return all_done(); });
}

}  // namespace
}  // namespace runs_agent::execute
