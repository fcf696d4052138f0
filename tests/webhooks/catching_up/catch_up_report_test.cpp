// SPDX-License-Identifier: MIT
// What a person hears of rounds that go wrong: each matter once a day, and counts.
#include "tests/webhooks/catching_up/catch_up_fixture.hpp"

#include <stdexcept>

namespace runs_agent::webhooks {
namespace {

constexpr const char* warning = R"("level":"warn")";

TEST_F(CatchUpTest, WhatLastsDoesNotHideWhatIsNew) {
    receive("a", 1);
    receive_from("octo/shop", 2);
    trouble({{"log 0", {502, {}}}});
    look();
    EXPECT_EQ(count_said(warning), 1);
    trouble({{"log 0", {502, {}}}, {"log of shop", {503, {}}}});
    EXPECT_EQ(look().errors.size(), 2U);
    EXPECT_EQ(count_said(warning), 2) << log_.text();
    EXPECT_NE(said("the webhook shop of octo/shop: GitHub answered 503"), std::string::npos);
    look();
    EXPECT_EQ(count_said(warning), 2);
}

TEST_F(CatchUpTest, WhatWasOverIsSaidWhenItComesAgain) {
    receive("a", 1);
    trouble({{"log", {502, {}}}});
    look();
    github_.trouble = nullptr;
    EXPECT_TRUE(look().errors.empty());
    trouble({{"log", {502, {}}}});
    look();
    EXPECT_EQ(count_said(warning), 2);
}

TEST_F(CatchUpTest, WhatARoundDidNotComeToIsNotOver) {
    receive("a", 1);
    receive_from("octo/shop", 2);
    trouble({{"log of shop", {502, {}}}});
    look();
    clock_.advance(5min);
    trouble({{"log", {429, 10min}}});  // the first one's ends the round
    EXPECT_TRUE(look().cut_short);
    EXPECT_EQ(count_said(warning), 2);
    clock_.advance(10min);
    trouble({{"log of shop", {502, {}}}});
    look();
    EXPECT_EQ(count_said(warning), 2) << log_.text();
}

TEST_F(CatchUpTest, WhatLastsIsSaidAgainEachDay) {
    receive("a", 1);
    trouble({{"log", {502, {}}}});
    look();
    clock_.advance(23h);
    look();
    EXPECT_EQ(count_said(warning), 1);
    clock_.advance(1h);
    look();
    EXPECT_EQ(count_said(warning), 2);
}

TEST_F(CatchUpTest, RoundsAreCountedAndTheLastWholeOneIsKnown) {
    receive("a", 1);
    EXPECT_FALSE(catch_up_.seen_until());
    trouble({{"log", {502, {}}}});
    look();
    EXPECT_FALSE(catch_up_.seen_until());
    github_.trouble = nullptr;
    clock_.advance(5min);
    look();
    EXPECT_EQ(catch_up_.seen_until(), clock_.now());
    const std::string text = metrics_.text();
    for (const char* const line : {"\nruns_agent_catch_up_rounds_total{result=\"failed\"} 1\n",
                                   "\nruns_agent_catch_up_rounds_total{result=\"whole\"} 1\n"})
        EXPECT_NE(text.find(line), std::string::npos) << text;
}

// A clock was years ahead, and has been set right: the gauge must not stay green for years.
TEST_F(CatchUpTest, NothingWasSeenAtATimeThatIsStillToCome) {
    clock_.step(20'000h);
    receive("a", 1);
    look();
    EXPECT_EQ(catch_up_.seen_until(), clock_.now());
    clock_.step(-20'000h);
    trouble({{"log", {502, {}}}});
    look();
    EXPECT_LE(catch_up_.seen_until().value_or(Time()), clock_.now());
    github_.trouble = nullptr;
    clock_.advance(5min);
    look();
    EXPECT_EQ(catch_up_.seen_until(), clock_.now());
}

TEST_F(CatchUpTest, WhatLastsIsSaidAgainThoughTheClockSteps) {
    receive("a", 1);
    trouble({{"log", {502, {}}}});
    look();
    clock_.step(-10'000h);
    clock_.advance(24h);
    look();
    EXPECT_EQ(count_said(warning), 2) << log_.text();
}

TEST_F(CatchUpTest, WhatSeveralRoundsSawTogetherCounts) {
    forbid_the_log();
    for (int i = 100; i < 200; ++i) receive_from("octo/r" + std::to_string(i), i);
    const Time begin = clock_.now();
    const CatchUpOutcome first = look();
    EXPECT_TRUE(first.cut_short && !first.failed);
    EXPECT_FALSE(catch_up_.seen_until());
    for (int i = 0; i < 2; ++i) {
        clock_.advance(5min);
        look();
    }
    EXPECT_GE(catch_up_.seen_until(), begin) << "no single round saw all";
    trouble({{"log", {403, {}}}, {"runs octo/r150", {403, {}}}});
    for (int i = 0; i < 6; ++i) {
        clock_.advance(5min);
        look();
    }
    EXPECT_TRUE(catch_up_.seen_until());
    EXPECT_LE(catch_up_.seen_until(), begin + 10min) << "one is not permitted any more";
}

TEST_F(CatchUpTest, ABugInARoundEndsThatRoundAlone) {
    receive("a", 1);
    github_.trouble = [](const std::string&) -> std::optional<Trouble> {
        throw std::runtime_error("a bug");
    };
    bool ended = false;
    asio::co_spawn(context_, catch_up_.run(), [&](const std::exception_ptr&) { ended = true; });
    const auto until_it_waits = [&] {
        const auto end = std::chrono::steady_clock::now() + 20s;
        while (!ended && clock_.next() != clock_.now() + 5min &&
               std::chrono::steady_clock::now() < end) {
            context_.restart();
            context_.run_one_for(10ms);
        }
    };
    until_it_waits();
    ASSERT_FALSE(ended);
    EXPECT_NE(said("catch_up.broke_off"), std::string::npos) << log_.text();
    EXPECT_NE(metrics_.text().find("{result=\"failed\"} 1\n"), std::string::npos);
    github_.trouble = nullptr;
    clock_.advance(5min);
    until_it_waits();
    EXPECT_EQ(catch_up_.seen_until(), clock_.now());
}

TEST_F(CatchUpTest, PayloadsThatCannotBeHadAreNotSeenForAllThatTheRunsTell) {
    receive("came", 1);
    ASSERT_TRUE(
        tests::run(store_->record_look("hook github.com repository 42", clock_.now() - 4 * 24h))
            .has_value());
    log(2, "g2", 0, 2);
    trouble({{"delivery", {403, {}}}});
    const CatchUpOutcome outcome = look();
    EXPECT_TRUE(outcome.failed);
    EXPECT_GT(github_.count("runs"), 0);
    EXPECT_FALSE(outcome.seen_until.has_value());
}

}  // namespace
}  // namespace runs_agent::webhooks
