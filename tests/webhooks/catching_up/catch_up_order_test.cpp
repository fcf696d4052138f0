// SPDX-License-Identifier: MIT
// What an older attempt left is judged in the knowledge of the newer one, whatever goes wrong.
#include "sqlite/database.hpp"
#include "tests/webhooks/catching_up/catch_up_fixture.hpp"

namespace runs_agent::webhooks {
namespace {

class CatchUpOrderTest : public CatchUpTest {
protected:
    /// Both attempts of run 2 were missed: the first one was cancelled, the second one goes on.
    void miss_two_attempts() {
        receive("came", 1);
        log(2, "ended", 0, 2);
        log(3, "begun", 0, 2, 2, "in_progress");
        add_run(2, 2, "in_progress", clock_.now());
    }
    /// What was stored, in that order.
    void expect_accepted(const std::string& first, const std::string& second) {
        EXPECT_TRUE(is_stored(first) && is_stored(second));
        EXPECT_LT(said("\"delivery\":\"" + first), said("\"delivery\":\"" + second)) << log_.text();
    }
};

TEST_F(CatchUpOrderTest, WhereTheNewerOneIsNotToBeHadTheRunItselfIsAsked) {
    miss_two_attempts();
    trouble({{"delivery 3", {502, {}}}});
    EXPECT_TRUE(look().failed);
    expect_accepted("catch-up-2-2-in_progress", "ended");
    EXPECT_EQ(github_.count("run 2"), 1);
}

TEST_F(CatchUpOrderTest, WhereTheRunDoesNotAnswerTheOlderOneWaits) {
    miss_two_attempts();
    trouble({{"delivery 3", {502, {}}}, {"run 2", {502, {}}}});
    EXPECT_TRUE(look().failed);
    EXPECT_FALSE(is_stored("ended"));
    clock_.advance(5min);
    github_.trouble = nullptr;
    EXPECT_TRUE(look().whole());
    expect_accepted("begun", "ended");
    EXPECT_EQ(github_.count("run 2"), 0) << "nothing was missing before it";
}

TEST_F(CatchUpOrderTest, OneThatIsLostIsMissingInLaterRoundsToo) {
    miss_two_attempts();
    github_.payloads.erase(3);
    trouble({{"run 2", {502, {}}}});
    EXPECT_TRUE(look().failed);
    EXPECT_FALSE(is_stored("ended"));
    clock_.advance(5min);
    github_.trouble = nullptr;
    EXPECT_TRUE(look().whole());
    expect_accepted("catch-up-2-2-in_progress", "ended");
}

TEST_F(CatchUpOrderTest, WhereNobodyCanSayWhetherThereIsANewerOneTheOlderOneIsLost) {
    miss_two_attempts();
    github_.payloads.erase(3);
    trouble({{"run 2", {403, {}}}});
    EXPECT_TRUE(look().whole());
    EXPECT_FALSE(is_stored("ended"));
    EXPECT_EQ(count_said("catch_up.lost"), 2) << log_.text();
    clock_.advance(5min);
    EXPECT_TRUE(look().whole());
    EXPECT_EQ(github_.count("delivery"), 0);
}

TEST_F(CatchUpOrderTest, WhereANewerOneIsKnownNothingNeedBeAsked) {
    miss_two_attempts();
    trouble({{"delivery 3", {502, {}}}});
    receive("third", 2, "repository", 3, "in_progress");
    look();
    EXPECT_TRUE(is_stored("ended"));
    EXPECT_EQ(github_.count("run 2"), 0);
}

TEST_F(CatchUpOrderTest, WhereTheNewestCannotBeStoredTheOlderOnesWait) {
    forbid_the_log();
    receive("a", 1);
    add_run(5, 1, "completed", clock_.now());
    github_.older_attempts = {github_.runs[0]};
    github_.runs.clear();
    add_run(5, 2, "in_progress", clock_.now());
    sqlite::Database(dir_.file("a.db"))
        .execute(
            "CREATE TRIGGER refuse BEFORE INSERT ON deliveries"
            " WHEN new.guid LIKE 'catch-up-5-2-in_progress%'"
            " BEGIN SELECT RAISE(ABORT, 'no room'); END");
    EXPECT_TRUE(look().failed);
    EXPECT_FALSE(is_stored("catch-up-5-1-completed"));
    sqlite::Database(dir_.file("a.db")).execute("DROP TRIGGER refuse");
    EXPECT_TRUE(look().whole());
    expect_accepted("catch-up-5-2-in_progress", "catch-up-5-1-completed");
}

}  // namespace
}  // namespace runs_agent::webhooks
