// SPDX-License-Identifier: MIT
// A delivery that is decided in the commit that stores it leaves what one leaves that is decided
// later.
#include "sqlite/database.hpp"
#include "tests/store/store_fixture.hpp"

namespace runs_agent::store {
namespace {

class AtOnceTest : public SqliteStoreTest {
protected:
    Result<Taken> take(NewDelivery made, Decider decider = cancel) {
        return tests::run(
            store_->accept_and_decide(std::move(made), std::move(decider), start + 1s));
    }
};

TEST_F(AtOnceTest, IsStoredDecidedAndPlanned) {
    const auto taken = take(delivery("a"));
    ASSERT_TRUE(taken.has_value());
    EXPECT_EQ(taken->accepted, Accepted::stored);
    ASSERT_TRUE(taken->decided);
    EXPECT_EQ(taken->decided->guid, "a");
    EXPECT_EQ(taken->decided->run.run_id, 1001);
    EXPECT_EQ(taken->decided->decision.calls.size(), 1U);
    EXPECT_TRUE(decide().empty());
    const auto detail = show("a");
    EXPECT_EQ(detail.row.decided_at, start + 1s);
    EXPECT_EQ(detail.row.rule, "R1");
    EXPECT_EQ(detail.row.reason, "because");
    EXPECT_TRUE(detail.body_kept);
    ASSERT_EQ(detail.calls.size(), 1U);
    EXPECT_EQ(claim(start + 1s).size(), 1U);
}

TEST_F(AtOnceTest, TheSameGuidIsDecidedOnce) {
    take(delivery("a")).value();
    const auto again = take(delivery("a"));
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->accepted, Accepted::duplicate);
    EXPECT_FALSE(again->decided);
    EXPECT_EQ(show("a").calls.size(), 1U);
}

TEST_F(AtOnceTest, WhatHasNothingToDecideIsStoredAlone) {
    NewDelivery push = delivery("p");
    push.facts.reset();
    push.body.clear();
    push.ignored_because = "only workflow_run events are acted on";
    const auto taken = take(push);
    ASSERT_TRUE(taken.has_value());
    EXPECT_EQ(taken->accepted, Accepted::stored);
    EXPECT_FALSE(taken->decided);
    EXPECT_EQ(show("p").row.reason, "only workflow_run events are acted on");
}

TEST_F(AtOnceTest, WhatCameBeforeIsKnown) {
    take(delivery("first")).value();
    Known seen;
    take(delivery("second", 1001, 2), [&seen](const decide::Event& event, const Known& known) {
        seen = known;
        return cancel(event, known);
    }).value();
    ASSERT_EQ(seen.attempts.size(), 1U);
    EXPECT_TRUE(seen.attempts[0].completed());
    EXPECT_EQ(seen.calls.size(), 1U);
}

TEST_F(AtOnceTest, WhatTheDecisionStumblesOverLeavesTheDeliveryStored) {
    sqlite::Database(path()).execute(
        "CREATE TRIGGER broken BEFORE INSERT ON attempts BEGIN SELECT RAISE(ABORT, 'broken'); END");
    const auto taken = take(delivery("a"));
    ASSERT_TRUE(taken.has_value()) << taken.error().message;
    EXPECT_EQ(taken->accepted, Accepted::stored);
    EXPECT_FALSE(taken->decided);
    EXPECT_FALSE(show("a").row.decided_at);
    EXPECT_TRUE(show("a").calls.empty());
    sqlite::Database(path()).execute("DROP TRIGGER broken");
    EXPECT_EQ(decide().size(), 1U);
    EXPECT_EQ(show("a").calls.size(), 1U);
}

}  // namespace
}  // namespace runs_agent::store
