// SPDX-License-Identifier: MIT
// When GitHub refuses, limits, loses or does not answer.
#include "tests/webhooks/catching_up/catch_up_fixture.hpp"

namespace runs_agent::webhooks {
namespace {

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
    for (int run = 6; run <= 9; ++run) {
        log(run, "g" + std::to_string(run), 0, run);
        add_run(run, 1, "completed", clock_.now());
    }
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

    where = "log 0";
    status = 0;  // the connection breaks: nothing else is asked
    clock_.advance(5min);
    EXPECT_TRUE(look().failed);
    EXPECT_EQ(github_.asked.back(), "log 0");
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

TEST_F(CatchUpTest, WhereNothingIsPermittedItIsSaidOnce) {
    receive("a", 1);
    github_.trouble = [](const std::string&) { return ScriptedGitHub::Trouble{404, {}}; };
    look();
    const CatchUpOutcome again = look();
    EXPECT_EQ(again.errors, (std::map<std::string, std::string>{
                                {"octo/demo 404", "octo/demo: GitHub answered 404: no"}}));
    EXPECT_EQ(count_said(R"("level":"warn)"), 1) << log_.text();
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
    for (int run = 2; run <= 5; ++run) {
        log(run, "g" + std::to_string(run), 0, run);
        add_run(run, 1, "completed", clock_.now());
    }
    trouble({{"delivery 5", {}}});
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

}  // namespace
}  // namespace runs_agent::webhooks
