// SPDX-License-Identifier: MIT
#include "tests/runs_server/notifying/notifier_fixture.hpp"

namespace runs_agent::runs_server {
namespace {

TEST_F(NotifierTest, WhatWaitsIsPostedAsTheHookSaysAndIsGoneThen) {
    put("h1", "r1", "RUN_START");
    start();
    ASSERT_TRUE(run_until([&] { return waiting() == 0; }));
    ASSERT_EQ(http_.requests.size(), 1U);
    const net::HttpRequest& sent = http_.requests[0];
    EXPECT_EQ(sent.method, "POST");
    EXPECT_EQ(sent.target, "https://one.example/?token=s3cret");
    EXPECT_EQ(sent.body, R"({"event":"RUN_START"})");
    EXPECT_EQ(sent.headers.find("Content-Type"), "application/json");
    EXPECT_EQ(sent.headers.find("X-Key"), "hush");
    EXPECT_EQ(sent.headers.find("x-timestamp"),
              std::to_string(clock_.now().time_since_epoch().count()));
}

TEST_F(NotifierTest, WhatIsNotTakenIsTriedAgainLaterAndLater) {
    put("h1", "r1", "RUN_START");
    answers_.emplace("h1 r1 RUN_START", answer(500));
    start();
    std::chrono::milliseconds pause = 5s;
    for (std::size_t tries = 1; tries <= 12; ++tries) {
        ASSERT_TRUE(run_until([&] { return put_off(tries); })) << tries;
        EXPECT_EQ(http_.requests.size(), 2 * tries - 1);
        EXPECT_EQ(due() - clock_.now(), pause) << tries;
        clock_.advance(pause - 1ms);
        // What is due is sent, and this is not.
        put("h2", "r2", "RUN_START");
        notifier_->wake();
        ASSERT_TRUE(run_until([&] { return waiting() == 1; }));
        EXPECT_EQ(http_.requests.size(), 2 * tries);
        clock_.advance(1ms);
        notifier_->wake();
        pause = std::min<std::chrono::milliseconds>(2 * pause, 1h);
    }
    answers_.clear();
    clock_.advance(1h);
    notifier_->wake();
    EXPECT_TRUE(run_until([&] { return waiting() == 0; }));
}

TEST_F(NotifierTest, AfterThreeDaysItIsGivenUpAndToldOfWithoutASecret) {
    put("h1", "r1", "RUN_START");
    put("h1", "r1", "RUN_FINISH");
    answers_.emplace("h1 r1 RUN_START", fail(Errc::timeout, "it took too long"));
    start();
    ASSERT_TRUE(run_until([&] { return told("hooks.not_delivered") == 1 && asleep(); }));
    clock_.advance(72h);
    notifier_->wake();
    // The second goes with the first: the hook was tried once more, and is still down.
    const auto told_of_second = [&] {
        return log_.text().find("\"deliveries\":1") != std::string::npos;
    };
    ASSERT_TRUE(run_until([&] { return waiting() == 0 && told_of_second(); }));
    EXPECT_EQ(tried(), (Ids{"h1 r1 RUN_START", "h1 r1 RUN_START"}));
    EXPECT_NE(log_.text().find("hooks.given_up"), std::string::npos);
    EXPECT_NE(log_.text().find("one.example"), std::string::npos);
    EXPECT_EQ(log_.text().find("s3cret"), std::string::npos);
    EXPECT_EQ(log_.text().find("hush"), std::string::npos);
}

TEST_F(NotifierTest, OfAHookAndARunNothingOvertakesWhatCameBefore) {
    put("h1", "r1", "RUN_START");
    put("h1", "r1", "RUN_FINISH");
    put("h2", "r1", "RUN_FINISH");
    put("h1", "r2", "RUN_START");
    answers_.emplace("h1 r1 RUN_START", answer(503));
    start();
    ASSERT_TRUE(run_until([&] { return waiting() == 2 && asleep(); }));
    EXPECT_EQ(tried(), (Ids{"h1 r1 RUN_START", "h2 r1 RUN_FINISH", "h1 r2 RUN_START"}));
    answers_.clear();
    clock_.advance(6s);
    ASSERT_TRUE(run_until([&] { return waiting() == 0; }));
    EXPECT_EQ(tried().at(3), "h1 r1 RUN_START");
    EXPECT_EQ(tried().at(4), "h1 r1 RUN_FINISH");
}

TEST_F(NotifierTest, AHookThatDoesNotAnswerLeavesRoomForOthers) {
    for (int i = 0; i < 40; ++i) put("h1", "r" + std::to_string(i), "RUN_START");
    put("h2", "r1", "RUN_START");
    boost::asio::steady_timer silence(context_, boost::asio::steady_timer::time_point::max());
    bool silent = true;
    http_.delay = [&]() -> boost::asio::awaitable<void> {
        if (!silent || http_.requests.back().target.find("one") == std::string::npos) co_return;
        co_await silence.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    };
    start();
    ASSERT_TRUE(run_until([&] { return waiting() == 40 && asleep(); }));
    EXPECT_EQ(http_.requests.size(), 5U);  // four of the one that is silent
    silent = false;
    silence.cancel();
    EXPECT_TRUE(run_until([&] { return waiting() == 0; }));
}

TEST_F(NotifierTest, ANewProcessTriesAtOnceWhatWouldWaitForLong) {
    put("h1", "r1", "RUN_START");
    answers_.emplace("h1 r1 RUN_START", answer(302));
    start();
    ASSERT_TRUE(run_until([&] { return told("redirects are not followed") == 1 && asleep(); }));
    stop();
    start();  // five seconds are left to their time
    ASSERT_TRUE(run_until([&] { return asleep(); }));
    EXPECT_EQ(http_.requests.size(), 1U);
    for (std::size_t tries = 2; tries <= 5; ++tries) {
        clock_.advance(41s);
        notifier_->wake();
        ASSERT_TRUE(run_until([&] { return put_off(tries) && asleep(); })) << tries;
    }
    stop();
    answers_.clear();
    start();
    EXPECT_TRUE(run_until([&] { return waiting() == 0; }));
}

TEST_F(NotifierTest, AClockThatIsSetBackDelaysNothingForLong) {
    put("h1", "r1", "RUN_START");
    answers_.emplace("h1 r1 RUN_START", answer(500));
    start();
    ASSERT_TRUE(run_until([&] { return told("hooks.not_delivered") == 1 && asleep(); }));
    clock_.step(-24h);
    answers_.clear();
    clock_.advance(31s);
    EXPECT_TRUE(run_until([&] { return waiting() == 0; }));
}

TEST_F(NotifierTest, ARunTimesOutWithoutARequest) {
    {
        sqlite::Database database(file_);
        database
            .prepare(
                "INSERT INTO runs(seq, id, project_id, ci_build_id, github_run_id,"
                " github_run_attempt, created_at, active_at, branch, commit_json, framework_json,"
                " tags_json, told, changed) VALUES(1, 'r1', 'p1', 'b1', '', 1, ?1, ?1, 'main',"
                " '{}', '{}', '[]', 'IN_PROGRESS', 0)")
            .bind(clock_.now())
            .run();
    }
    start();
    ASSERT_TRUE(run_until([&] { return asleep(); }));
    clock_.advance(30min + 1ms);
    ASSERT_TRUE(run_until([&] { return http_.requests.size() == 1 && waiting() == 0; }));
    EXPECT_NE(http_.requests[0].body.find("RUN_TIMEOUT"), std::string::npos);
    EXPECT_NE(http_.requests[0].body.find("http://fallback/v1/runs/r1"), std::string::npos);
}

}  // namespace
}  // namespace runs_agent::runs_server
