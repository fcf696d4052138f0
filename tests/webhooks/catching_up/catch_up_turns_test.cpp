// SPDX-License-Identifier: MIT
// Who is asked when, and how much: neither trouble nor size may keep the others from their turn.
#include "tests/webhooks/catching_up/catch_up_fixture.hpp"
#include "webhooks/catching_up/looks.hpp"

namespace runs_agent::webhooks {
namespace {

class CatchUpTurnsTest : public CatchUpTest {
protected:
    std::ptrdiff_t place_of(const std::string& request) const {
        return std::find(github_.asked.begin(), github_.asked.end(), request) -
               github_.asked.begin();
    }
    std::ptrdiff_t first_place_of(const std::string& repository) const {
        return place_of("runs " + repository + " 1");
    }
};

TEST_F(CatchUpTurnsTest, ARepositoryThatDoesNotAnswerIsLeftForTheOthers) {
    trouble({{"log", {403, {}}}, {"runs octo/a ", {}}});
    for (const char* const name : {"octo/a", "octo/b", "octo/c"}) receive_from(name, 1 + name[5]);
    add_run(900, 1, "completed", clock_.now());
    const CatchUpOutcome outcome = look();
    EXPECT_TRUE(outcome.failed);
    EXPECT_EQ(github_.count("runs octo/a"), 1);
    EXPECT_EQ(github_.count("runs octo/b"), 3);
    EXPECT_EQ(github_.count("runs octo/c"), 3);
}

TEST_F(CatchUpTurnsTest, ThreeInARowThatGiveNoAnswerToUseEndTheRound) {
    for (const int status : {0, 502}) {
        trouble({{"log", {403, {}}}, {"runs", {status, {}}}});
        for (const char* const name : {"octo/a", "octo/b", "octo/c", "octo/d"})
            receive_from(name, status + name[5]);
        const CatchUpOutcome outcome = look();
        EXPECT_TRUE(outcome.failed && outcome.cut_short);
        std::set<std::string> asked;
        for (const std::string& one : github_.asked)
            if (one.starts_with("runs")) asked.insert(one.substr(0, 11));
        EXPECT_EQ(asked.size(), 3U) << testing::PrintToString(github_.asked);
    }
}

TEST_F(CatchUpTurnsTest, AfterTheEndOfARoundTheOthersComeFirst) {
    trouble({{"log", {403, {}}}, {"runs", {}}});
    for (const char* const name : {"octo/a", "octo/b", "octo/c", "octo/d"})
        receive_from(name, 1 + name[5]);
    look();
    EXPECT_EQ(github_.count("runs octo/d"), 0);
    clock_.advance(5min);
    trouble({{"log", {403, {}}}, {"runs octo/a", {}}, {"runs octo/b", {}}, {"runs octo/c", {}}});
    look();
    EXPECT_EQ(github_.count("runs octo/d"), 3);
}

TEST_F(CatchUpTurnsTest, TheRepositoryWhoseLastLookIsTheOldestComesFirst) {
    forbid_the_log();
    for (const char* const name : {"octo/a", "octo/b", "octo/c"}) {
        receive_from(name, 1 + name[5]);
        const Time at = clock_.now() - (std::string(name) == "octo/b" ? 2h : 1h);
        ASSERT_TRUE(
            tests::run(store_->record_look(look_at_runs("github.com", name), at)).has_value());
    }
    receive_from("octo/never", 7);
    look();
    EXPECT_LT(first_place_of("octo/never"), first_place_of("octo/b"));
    EXPECT_LT(first_place_of("octo/b"), first_place_of("octo/a"));
    EXPECT_LT(first_place_of("octo/a"), first_place_of("octo/c"));
}

TEST_F(CatchUpTurnsTest, ALongLogIsReadOnWhereTheRoundStopped) {
    github_.per_page = 1;
    receive("came", 1);
    for (int run = 2; run <= 601; ++run) {
        log(run, "g" + std::to_string(run), 202, run);
        clock_.advance(1min);
    }
    github_.log.back().status_code = 0;
    github_.payloads[2] = payload(2);
    const CatchUpOutcome first = look();
    EXPECT_TRUE(first.cut_short);
    EXPECT_FALSE(first.failed);
    EXPECT_EQ(github_.count("log"), 250);
    clock_.advance(5min);
    log(602, "new", 0, 602);
    look();
    EXPECT_EQ(github_.asked.front(), "log 250");
    EXPECT_FALSE(last_look());
    clock_.advance(5min);
    EXPECT_TRUE(look().whole());
    EXPECT_EQ(github_.asked.front(), "log 500");
    EXPECT_TRUE(is_stored("g2"));
    EXPECT_TRUE(is_stored("new")) << "what came meanwhile is read too, before any is decided upon";
    EXPECT_LT(place_of("log 1"), place_of("delivery 602"));
    EXPECT_EQ(last_look(), clock_.now());
}

TEST_F(CatchUpTurnsTest, APlaceInALogThatIsGoneIsReadAnew) {
    receive("came", 1);
    for (int run = 2; run <= 9; ++run) log(run, "g" + std::to_string(run), 0, run);
    trouble({{"log 3", {429, 1min}}});
    look();
    trouble({{"log 3", {422, {}}}});
    clock_.advance(1min);
    EXPECT_TRUE(look().failed);
    EXPECT_EQ(github_.asked.front(), "log 3");
    github_.trouble = nullptr;
    clock_.advance(5min);
    EXPECT_EQ(look().accepted, 8);
    EXPECT_EQ(github_.asked.front(), "log 0");
}

TEST_F(CatchUpTurnsTest, TheHookThatWasNotAskedComesFirstNextTime) {
    receive("came", 1);
    receive_from("octo/shop", 2);
    trouble({{"log", {429, 1min}}});
    look();
    EXPECT_EQ(github_.asked, std::vector<std::string>{"log 0"});
    clock_.advance(1min);
    look();
    EXPECT_EQ(github_.asked, std::vector<std::string>{"log of shop 0"});
}

TEST_F(CatchUpTurnsTest, OneAccountsLimitDoesNotEndTheRoundForTheOthers) {
    github_.account_by_account = true;
    receive("came", 1);
    receive_from("another/shop", 2);
    trouble({{"log 0", {429, 30min}}});
    const CatchUpOutcome outcome = look();
    EXPECT_EQ(github_.count("log of shop"), 1);
    EXPECT_TRUE(outcome.failed);
    EXPECT_EQ(outcome.pause, 5min) << "the others are asked again as usual";
    trouble({{"log 0", {429, 30min}}, {"log of shop", {429, 20min}}});
    EXPECT_EQ(look().pause, 20min) << "nobody is left to ask";
}

TEST_F(CatchUpTurnsTest, NothingMoreIsAskedWithATokenThatIsNotTaken) {
    receive("came", 1);
    receive_from("octo/shop", 2);
    const Time before = clock_.now();
    look();
    clock_.advance(5min);
    trouble({{"", {401, {}}}});
    const CatchUpOutcome outcome = look();
    EXPECT_TRUE(outcome.failed);
    EXPECT_EQ(outcome.pause, 5min);
    EXPECT_EQ(github_.asked, std::vector<std::string>{"log 0"});
    EXPECT_EQ(last_look(), before);
}

TEST_F(CatchUpTurnsTest, ARepositoryThatHasMovedIsLetGo) {
    trouble({{"log", {403, {}}}, {"runs octo/old", {301, {}}}});
    receive_from("octo/old", 1);
    const CatchUpOutcome outcome = look();
    EXPECT_TRUE(outcome.whole()) << "no later round will mend it";
    EXPECT_EQ(outcome.errors.size(), 1U) << "but it is said";
    EXPECT_EQ(github_.count("runs"), 1);
}

TEST_F(CatchUpTurnsTest, MoreThanAThousandRunsAreWarnedOfOnce) {
    forbid_the_log();
    github_.per_page = 1;  // its pages are 10 at most
    receive("a", 1);
    for (int run = 100; run < 110; ++run) add_run(run, 1, "completed", clock_.now());
    look();
    EXPECT_EQ(count_said("catch_up.cut_short"), 0);
    add_run(110, 1, "completed", clock_.now());
    look();
    look();
    EXPECT_EQ(count_said("catch_up.cut_short"), 1);
    EXPECT_EQ(github_.count("runs octo/demo 1"), 2) << "page 1 and page 10, and none after it";
}

TEST_F(CatchUpTurnsTest, ManyHooksLeaveTheRepositoriesTheirPart) {
    trouble({{"log", {404, {}}}});
    for (int i = 0; i < 260; ++i) receive_from("octo/r" + std::to_string(i), 1'000 + i);
    look();
    clock_.advance(5min);
    look();
    EXPECT_EQ(github_.count("log"), 125);
    EXPECT_GE(github_.count("runs"), 120);
}

TEST_F(CatchUpTurnsTest, ThreeHooksInTroubleDoNotCostTheRepositoriesTheirTurn) {
    forbid_the_log();
    for (const char* const name : {"octo/a", "octo/b", "octo/c", "octo/d"})
        receive_from(name, 1 + name[5]);
    look();
    clock_.advance(5min);
    trouble({{"log of d", {403, {}}},
             {"log of a", {502, {}}},
             {"log of b", {502, {}}},
             {"log of c", {502, {}}}});
    look();
    clock_.advance(5min);
    look();
    EXPECT_EQ(github_.count("runs octo/d"), 3) << testing::PrintToString(github_.asked);
}

TEST_F(CatchUpTurnsTest, WhatIsNewOnTopIsReadToItsEndThoughThatTakesSeveralRounds) {
    github_.per_page = 1;
    receive("came", 1);
    for (int run = 2; run <= 200; ++run)
        log(run, "g" + std::to_string(run), run == 2 ? 0 : 202, run);
    trouble({{"log 120", {429, 1min}}});
    EXPECT_TRUE(look().failed);
    for (int run = 201; run <= 300; ++run) log(run, "g" + std::to_string(run), 202, run);
    trouble({{"log 50", {429, 1min}}});
    clock_.advance(1min);
    EXPECT_TRUE(look().failed);
    EXPECT_GT(github_.count("log 0"), 0) << "what is new on top was begun";
    github_.trouble = nullptr;
    clock_.advance(1min);
    for (int run = 301; run <= 305; ++run) log(run, "g" + std::to_string(run), 0, run);
    EXPECT_TRUE(look().whole());
    EXPECT_EQ(github_.asked.front(), "log 50");
    EXPECT_TRUE(is_stored("g2"));
    EXPECT_TRUE(is_stored("g305"));
    EXPECT_LT(place_of("delivery 305"), place_of("delivery 2"));
    EXPECT_EQ(last_look(), clock_.now());
}

TEST_F(CatchUpTurnsTest, ManyRunsThatWaitForSomebodyAreListed) {
    forbid_the_log();
    github_.per_page = 100;
    for (int run = 1; run <= 300; ++run) {
        receive("g" + std::to_string(run), run, "repository", 1, "in_progress");
        add_run(run, 1, "waiting", clock_.now() - 20 * 24h);
    }
    EXPECT_TRUE(look().whole());
    EXPECT_EQ(github_.count("run "), 0);
    EXPECT_EQ(github_.count("runs octo/demo waiting"), 3);
}

TEST_F(CatchUpTurnsTest, ManyRunsThatNoListShowsAreAskedForInTurn) {
    forbid_the_log();
    for (int run = 1; run <= 300; ++run) {
        receive("g" + std::to_string(run), run, "repository", 1, "in_progress");
        add_run(run, 1, "held", clock_.now() - 20 * 24h);
    }
    EXPECT_TRUE(look().cut_short);
    std::set<std::string> asked(github_.asked.begin(), github_.asked.end());
    clock_.advance(5min);
    look();
    asked.insert(github_.asked.begin(), github_.asked.end());
    EXPECT_EQ(std::count_if(asked.begin(), asked.end(),
                            [](const std::string& one) { return one.starts_with("run "); }),
              300);
}

}  // namespace
}  // namespace runs_agent::webhooks
