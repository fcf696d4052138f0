#include "webhooks/catch_up.hpp"

#include "store/sqlite_store.hpp"
#include "tests/captured_log.hpp"
#include "tests/manual_clock.hpp"
#include "tests/run_awaitable.hpp"
#include "tests/temp_dir.hpp"
#include "tests/webhooks/example_request.hpp"
#include "tests/webhooks/scripted_github.hpp"
#include "webhooks/incoming.hpp"

#include <gtest/gtest.h>

namespace runs_agent::webhooks {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

class CatchUpTest : public testing::Test {
protected:
    static std::string payload(std::int64_t run_id, int attempt = 1,
                               const std::string& action = "completed") {
        const std::string id = std::to_string(run_id);
        const std::string nth = std::to_string(attempt);
        const std::string told = "\"" + action + "\"";
        return edited(example_payload(), {{"action", told},
                                          {"workflow_run.id", id},
                                          {"workflow_run.run_attempt", nth},
                                          {"workflow_run.status", told}});
    }

    /// A delivery that came by itself.
    void receive(const std::string& guid, std::int64_t run_id,
                 const std::string& kind = "repository", int attempt = 1,
                 const std::string& action = "completed") {
        Delivery came;
        came.guid = guid;
        came.event = "workflow_run";
        came.host = "github.com";
        came.hook_id = "42";
        came.hook_kind = kind;
        came.payload =
            edited(payload(run_id, attempt, action), {{"organization", R"({"login":"octo"})"}});
        auto made = make_delivery(std::move(came), clock_.now());
        ASSERT_TRUE(made.has_value());
        ASSERT_EQ(*tests::run(store_->accept(std::move(*made))), store::Accepted::stored);
        decide();
    }
    void decide() {
        const store::Decider nothing = [](const decide::Event&, const decide::Known&) {
            return decide::Decision();
        };
        ASSERT_TRUE(tests::run(store_->decide_next(nothing, clock_.now(), 1000)).has_value());
    }

    /// Puts an entry on top of the hook's log.
    void log(std::int64_t id, const std::string& guid, int status, std::int64_t run_id) {
        github_.log.insert(github_.log.begin(),
                           {id, guid, "workflow_run", "completed", clock_.now(), status});
        github_.payloads[id] = payload(run_id);
    }
    void add_run(std::int64_t id, int attempt, const std::string& status, Time created_at) {
        github::WorkflowRun run;
        run.id = id;
        run.attempt = attempt;
        run.status = status;
        run.created_at = created_at;
        const std::string conclusion =
            status == "completed" ? R"(,"conclusion":"success"})" : R"(,"conclusion":null})";
        run.json = R"({"id":)" + std::to_string(id) + R"(,"run_attempt":)" +
                   std::to_string(attempt) + R"(,"status":")" + status + "\"" + conclusion;
        github_.runs.insert(github_.runs.begin(), run);
    }
    void forbid_the_log() {
        github_.trouble = [](const std::string& request) {
            using Trouble = ScriptedGitHub::Trouble;
            return request.starts_with("log") ? std::optional(Trouble{403, {}}) : std::nullopt;
        };
    }

    CatchUpOutcome look() {
        github_.asked.clear();
        const CatchUpOutcome outcome = tests::run(catch_up_.look());
        decide();
        return outcome;
    }
    bool is_stored(const std::string& guid) {
        return tests::run(store_->not_stored({guid}))->empty();
    }
    std::optional<Time> last_look() {
        return *tests::run(store_->last_look("hook github.com repository 42"));
    }

    tests::TempDir dir_;
    tests::ManualClock clock_;
    tests::CapturedLog log_{clock_};
    std::unique_ptr<store::Store> store_ = store::open_sqlite_store(dir_.file("a.db")).value();
    ScriptedGitHub github_;
    asio::io_context context_;
    int announced_ = 0;
    CatchUp catch_up_{context_.get_executor(), *store_, github_, clock_, log_.log(),
                      [this] { ++announced_; }};
};

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
    EXPECT_FALSE(outcome.failed) << outcome.error;
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

TEST_F(CatchUpTest, ARateLimitEndsTheRoundAndTheNextMakesUpForIt) {
    receive("came", 1);
    for (int run = 2; run <= 5; ++run) log(run, "g" + std::to_string(run), 0, run);
    github_.trouble = [](const std::string& request) -> std::optional<ScriptedGitHub::Trouble> {
        if (request == "delivery 3") return ScriptedGitHub::Trouble{403, 20min};
        return std::nullopt;
    };
    const CatchUpOutcome limited = look();
    EXPECT_TRUE(limited.failed);
    EXPECT_EQ(limited.pause, 20min);
    EXPECT_EQ(limited.accepted, 2);
    EXPECT_EQ(github_.asked.back(), "delivery 3");
    EXPECT_FALSE(last_look());

    github_.trouble = nullptr;
    clock_.advance(limited.pause);
    const CatchUpOutcome next = look();
    EXPECT_FALSE(next.failed);
    EXPECT_EQ(next.accepted, 2);
    EXPECT_EQ(github_.count("delivery 5"), 0);
    EXPECT_EQ(last_look(), clock_.now());
}

TEST_F(CatchUpTest, NobodyWaitsForALimitLongerThanAnHour) {
    receive("came", 1);
    github_.trouble = [](const std::string&) { return ScriptedGitHub::Trouble{429, 30h}; };
    EXPECT_EQ(look().pause, 1h);
    github_.trouble = [](const std::string&) { return ScriptedGitHub::Trouble{429, 0ms}; };
    EXPECT_EQ(look().pause, 1s);
}

TEST_F(CatchUpTest, AFailureInTheMiddleDoesNotMoveTheLastLook) {
    receive("came", 1);
    for (int run = 2; run <= 5; ++run) log(run, "g" + std::to_string(run), 0, run);
    look();
    const auto before = last_look();
    ASSERT_TRUE(before);
    clock_.advance(1h);
    for (int run = 6; run <= 9; ++run) log(run, "g" + std::to_string(run), 0, run);
    int status = 500;
    std::string where = "delivery 7";
    github_.trouble = [&](const std::string& request) -> std::optional<ScriptedGitHub::Trouble> {
        if (request == where) return ScriptedGitHub::Trouble{status, {}};
        return std::nullopt;
    };
    const CatchUpOutcome partly = look();
    EXPECT_TRUE(partly.failed);
    EXPECT_EQ(partly.pause, 5min);
    EXPECT_EQ(partly.accepted, 3);  // the others are not held up
    EXPECT_EQ(last_look(), before);

    where = "log 3";
    status = 0;  // the connection breaks: nothing else is asked
    clock_.advance(5min);
    EXPECT_TRUE(look().failed);
    EXPECT_EQ(github_.asked.back(), "log 3");
    EXPECT_EQ(last_look(), before);

    github_.trouble = nullptr;
    clock_.advance(5min);
    EXPECT_EQ(look().accepted, 1);
    EXPECT_EQ(last_look(), clock_.now());
}

TEST_F(CatchUpTest, WhatTheLogHasLostIsNotAskedForWithoutEnd) {
    receive("came", 1);
    log(2, "lost", 0, 2);
    log(3, "lost", 0, 2);
    github_.payloads.clear();
    EXPECT_FALSE(look().failed);
    EXPECT_EQ(github_.count("delivery"), 2);
    EXPECT_NE(log_.text().find("catch_up.lost"), std::string::npos);
    look();
    EXPECT_EQ(github_.count("delivery"), 0);
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
    EXPECT_FALSE(outcome.failed) << outcome.error;
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
    github_.runs[0].status = "completed";
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

TEST_F(CatchUpTest, WhereNothingIsPermittedItIsSaidOnce) {
    receive("a", 1);
    github_.trouble = [](const std::string&) { return ScriptedGitHub::Trouble{404, {}}; };
    EXPECT_TRUE(look().failed);
    const CatchUpOutcome again = look();
    EXPECT_EQ(again.error, "octo/demo: GitHub answered 404: no");
    const std::string text = log_.text();
    const auto first = text.find(R"("level":"warn)");
    EXPECT_NE(first, std::string::npos) << text;
    EXPECT_EQ(text.find(R"("level":"warn)", first + 1), std::string::npos) << text;
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

TEST_F(CatchUpTest, AfterMoreThanThreeDaysAFailureLosesNothing) {
    receive("a", 1);
    look();
    const auto before = last_look();
    clock_.advance(100h);
    add_run(7, 1, "completed", *before + 1h);
    github_.trouble = [](const std::string& request) -> std::optional<ScriptedGitHub::Trouble> {
        if (request.starts_with("runs")) return ScriptedGitHub::Trouble{502, {}};
        return std::nullopt;
    };
    EXPECT_TRUE(look().failed);
    EXPECT_EQ(last_look(), before);
    github_.trouble = nullptr;
    clock_.advance(5min);
    EXPECT_EQ(look().accepted, 1);
    EXPECT_EQ(last_look(), clock_.now());
}

TEST_F(CatchUpTest, OneThatDoesNotAnswerDoesNotHoldTheOthersUp) {
    receive("came", 1);
    for (int run = 2; run <= 5; ++run) log(run, "g" + std::to_string(run), 0, run);
    github_.trouble = [](const std::string& request) -> std::optional<ScriptedGitHub::Trouble> {
        if (request == "delivery 5") return ScriptedGitHub::Trouble{};
        return std::nullopt;
    };
    EXPECT_EQ(look().accepted, 3);
    EXPECT_FALSE(last_look()) << "it is asked for again";
    for (int run = 6; run <= 9; ++run) log(run, "g" + std::to_string(run), 0, run);
    github_.trouble = [](const std::string& request) -> std::optional<ScriptedGitHub::Trouble> {
        if (request.starts_with("delivery")) return ScriptedGitHub::Trouble{};
        return std::nullopt;
    };
    look();
    EXPECT_EQ(github_.count("delivery"), 3) << "GitHub is not there: nothing more is asked";
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

TEST_F(CatchUpTest, OfARepositoryThatIsRefusedNothingMoreIsAsked) {
    receive("a", 101, "repository", 1, "in_progress");
    github_.trouble = [](const std::string&) { return ScriptedGitHub::Trouble{403, {}}; };
    EXPECT_TRUE(look().failed);
    EXPECT_EQ(github_.count("runs"), 1);
    EXPECT_EQ(github_.count("run 101"), 0);
    github_.trouble = nullptr;
    forbid_the_log();
    add_run(101, 1, "completed", clock_.now() - 240h);
    EXPECT_EQ(look().accepted, 1) << "and it is had once that is permitted";
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
