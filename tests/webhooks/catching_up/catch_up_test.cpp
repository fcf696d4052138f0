// SPDX-License-Identifier: MIT
#include "tests/webhooks/catching_up/catch_up_fixture.hpp"

namespace runs_agent::webhooks {
namespace {

TEST_F(CatchUpTest, WithNoHookKnownNothingIsAsked) {
    const CatchUpOutcome outcome = look();
    EXPECT_FALSE(outcome.failed);
    EXPECT_EQ(outcome.pause, 5min);
    EXPECT_TRUE(github_.asked.empty());
}

TEST_F(CatchUpTest, AfterADayOfflineNothingIsMissingAndNothingIsFetchedTwice) {
    receive("came", 1);
    log(1, "came", 202, 1);
    look();
    std::int64_t id = 1;
    for (int run = 2; run <= 9; ++run) {  // the daemon is down
        clock_.advance(3h);
        log(++id, "g" + std::to_string(run), 0, run);
        log(++id, "g" + std::to_string(run), 502, run);  // somebody redelivered it, in vain
    }
    log(++id, "g2", 202, 2);  // and this one to another replica
    receive("g3", 3);         // stored, though the answer was late

    const CatchUpOutcome outcome = look();
    EXPECT_FALSE(outcome.failed) << testing::PrintToString(outcome.errors);
    EXPECT_EQ(outcome.found, 6);
    EXPECT_EQ(outcome.accepted, 6);
    EXPECT_EQ(announced_, 6);
    EXPECT_EQ(github_.count("log"), 6);
    EXPECT_EQ(github_.count("delivery"), 6);
    for (int run = 4; run <= 9; ++run) EXPECT_TRUE(is_stored("g" + std::to_string(run))) << run;
    EXPECT_FALSE(is_stored("g2"));
    EXPECT_NE(log_.text().find("catch_up.accepted"), std::string::npos);

    clock_.advance(5min);
    const CatchUpOutcome next = look();
    EXPECT_EQ(next.found, 0);
    EXPECT_EQ(github_.count("delivery"), 0);
    EXPECT_EQ(announced_, 6);
    clock_.advance(6min);
    look();
    clock_.advance(6min);
    look();
    EXPECT_EQ(github_.count("log"), 1);  // the log is read no further than the last look
}

TEST_F(CatchUpTest, WhereTheLogIsNotPermittedTheRunsAreLookedAt) {
    forbid_the_log();
    const Time begin = clock_.now();
    receive("a", 101, "repository", 1, "in_progress");
    receive("b", 102);
    receive("c", 103);
    receive("d", 104, "repository", 1, "in_progress");
    receive("e", 105, "repository", 1, "in_progress");
    add_run(101, 1, "completed", begin - 240h);  // was open, and ended meanwhile
    add_run(104, 1, "in_progress", begin - 240h);
    add_run(102, 2, "in_progress", begin - 240h);  // re-run, still going
    add_run(103, 2, "completed", begin - 24h);     // re-run, and ended
    clock_.advance(24h);
    for (int run = 106; run <= 109; ++run)
        add_run(run, 1, run == 109 ? "queued" : "completed", begin + 12h);

    const CatchUpOutcome outcome = look();
    EXPECT_FALSE(outcome.failed) << testing::PrintToString(outcome.errors);
    EXPECT_EQ(outcome.accepted, 7);
    for (const char* const guid :
         {"catch-up-101-1-completed", "catch-up-102-2-in_progress", "catch-up-103-2-completed",
          "catch-up-106-1-completed", "catch-up-107-1-completed", "catch-up-108-1-completed",
          "catch-up-109-1-requested"})
        EXPECT_TRUE(is_stored(guid)) << guid;
    EXPECT_EQ(github_.count("repository octo/demo"), 1);
    EXPECT_EQ(github_.count("run 104"), 0);  // a list has shown it
    EXPECT_EQ(github_.count("run 105"), 1);  // deleted
    EXPECT_FALSE(last_look());

    clock_.advance(5min);
    EXPECT_EQ(look().found, 0);
    EXPECT_EQ(github_.created_since, clock_.now() - 5min - 72h);
    EXPECT_EQ(github_.count("repository"), 0);
    EXPECT_EQ(github_.count("run 1"), 0) << testing::PrintToString(github_.asked);
}

TEST_F(CatchUpTest, TheEndsOfOlderAttemptsAreToldOfAfterTheNewest) {
    forbid_the_log();
    receive("a", 1);
    add_run(5, 3, "in_progress", clock_.now());
    const github::WorkflowRun newest = github_.runs[0];
    add_run(5, 2, "completed", clock_.now());  // attempt 1 is gone
    github_.older_attempts.push_back(github_.runs[0]);
    github_.runs = {newest};

    EXPECT_EQ(look().accepted, 2);
    EXPECT_EQ(github_.count("attempt 5-"), 2);
    EXPECT_TRUE(is_stored("catch-up-5-2-completed"));
    EXPECT_TRUE(is_stored("catch-up-5-3-in_progress"));
    EXPECT_FALSE(look().failed);
    EXPECT_EQ(github_.count("attempt 5-"), 0) << "neither is asked for again";
}

TEST_F(CatchUpTest, ARunThatEndsLaterIsToldOfOnceMore) {
    forbid_the_log();
    receive("a", 1);
    add_run(5, 1, "in_progress", clock_.now());
    EXPECT_EQ(look().accepted, 1);
    clock_.advance(1min);
    github_.runs.clear();
    add_run(5, 1, "completed", clock_.now());
    EXPECT_EQ(look().accepted, 1);
    EXPECT_EQ(look().accepted, 0);
    EXPECT_TRUE(is_stored("catch-up-5-1-completed"));
}

TEST_F(CatchUpTest, ForAnOrganizationItsRepositoriesAreLookedAt) {
    forbid_the_log();
    receive("a", 1, "organization");
    look();
    EXPECT_EQ(github_.count("runs octo/demo"), 3);
}

TEST_F(CatchUpTest, AfterMoreThanThreeDaysTheRunsAreLookedAtToo) {
    receive("a", 1);
    look();
    EXPECT_EQ(github_.count("runs"), 0);
    const Time before = clock_.now();
    clock_.advance(100h);
    add_run(7, 1, "completed", before + 1h);
    EXPECT_EQ(look().accepted, 1);
    EXPECT_EQ(github_.created_since, before - 72h);
    clock_.advance(5min);
    look();
    EXPECT_EQ(github_.count("runs"), 0);
}

TEST_F(CatchUpTest, TheNewestIsToldOfFirst) {
    receive("came", 1);
    log(2, "first", 0, 2);
    log(3, "second", 0, 2);
    github_.payloads[3] = payload(2, 2, "in_progress");
    look();
    const auto at = [&](const char* request) {
        return std::find(github_.asked.begin(), github_.asked.end(), request);
    };
    EXPECT_LT(at("delivery 3"), at("delivery 2"));
    const std::string text = log_.text();
    EXPECT_LT(text.find(R"("delivery":"second")"), text.find(R"("delivery":"first")")) << text;
}

TEST_F(CatchUpTest, ItLooksAtOnceAndThenEveryFewMinutesUntilItIsStopped) {
    receive("a", 1);
    bool ended = false;
    asio::co_spawn(context_, catch_up_.run(), [&](std::exception_ptr) { ended = true; });
    const auto until = [&](auto condition) {
        const auto end = std::chrono::steady_clock::now() + 20s;
        while (!condition() && std::chrono::steady_clock::now() < end) {
            context_.restart();
            context_.run_one_for(10ms);
        }
        return condition();
    };
    EXPECT_TRUE(until([&] { return clock_.next() == clock_.now() + 5min; }));
    EXPECT_EQ(github_.count("log"), 1);
    clock_.advance(5min);
    EXPECT_TRUE(until([&] { return clock_.next() == clock_.now() + 5min; }));
    EXPECT_EQ(github_.count("log"), 2);
    catch_up_.stop();
    EXPECT_TRUE(until([&] { return ended; }));
    EXPECT_EQ(github_.count("log"), 2);
}

}  // namespace
}  // namespace runs_agent::webhooks
