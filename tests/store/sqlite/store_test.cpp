// SPDX-License-Identifier: MIT
#include "store/sqlite_store.hpp"
#include "tests/store/store_fixture.hpp"

#include <set>

namespace runs_agent::store {
namespace {

TEST_F(StoreTest, TheSameGuidIsStoredOnceAlsoAfterARestart) {
    EXPECT_EQ(accept(delivery("a")), Accepted::stored);
    EXPECT_EQ(accept(delivery("a")), Accepted::duplicate);
    open();
    EXPECT_EQ(accept(delivery("a")), Accepted::duplicate);
    EXPECT_EQ(tests::run(store_->list({}))->size(), 1U);
}

TEST_F(StoreTest, WhatHasNothingToDecideIsRecordedAsIgnored) {
    NewDelivery push = delivery("p");
    push.event = "push";
    push.facts.reset();
    push.body.clear();
    push.ignored_because = "only workflow_run events are acted on";
    EXPECT_EQ(accept(push), Accepted::stored);
    EXPECT_TRUE(decide().empty());
    const auto detail = show("p");
    EXPECT_EQ(detail.row.rule, "R5");
    EXPECT_EQ(detail.row.reason, "only workflow_run events are acted on");
    EXPECT_FALSE(detail.body_kept);
}

TEST_F(StoreTest, RulesAreToldWhatIsKnown) {
    // Run 1 has completed, 2 goes on, 3 is the newest and has completed; 4 is of another branch.
    for (const int run : {1, 2, 3, 4}) {
        NewDelivery made = delivery(std::to_string(run), run);
        if (run == 2) {
            run_in(made).action = "in_progress";
            run_in(made).conclusion.clear();
        }
        if (run == 4) run_in(made).head_branch = "other";
        accept(made);
    }
    decide();
    accept(delivery("own", 2, 2));
    Known seen;
    decide([&seen](const decide::Event& event, const Known& known) {
        seen = known;
        return cancel(event, known);
    });
    ASSERT_EQ(seen.attempts.size(), 1U);
    EXPECT_EQ(seen.attempts[0].attempt, 1);
    EXPECT_FALSE(seen.attempts[0].completed());
    ASSERT_EQ(seen.calls.size(), 1U);
    EXPECT_TRUE(seen.older.empty());
    ASSERT_TRUE(seen.newer);
    EXPECT_EQ(seen.newer->key.run_id, 3);
    EXPECT_TRUE(seen.newer->newest.completed());

    accept(delivery("again", 5));
    decide([&seen](const decide::Event& event, const Known& known) {
        seen = known;
        return cancel(event, known);
    });
    // Run 2's newest attempt has completed by now.
    EXPECT_TRUE(seen.older.empty());
    EXPECT_FALSE(seen.newer);
}

TEST_F(StoreTest, ALateEventTakesNothingBack) {
    accept(delivery("done"));
    NewDelivery late = delivery("late");
    run_in(late).action = "in_progress";
    run_in(late).conclusion.clear();
    accept(late);
    accept(delivery("probe"));
    std::vector<Known> seen;
    decide([&seen](const decide::Event& event, const Known& known) {
        seen.push_back(known);
        return cancel(event, known);
    });
    ASSERT_EQ(seen.size(), 3U);
    ASSERT_EQ(seen[2].attempts.size(), 1U);
    EXPECT_TRUE(seen[2].attempts[0].completed());
    EXPECT_EQ(seen[2].attempts[0].conclusion, "cancelled");
}

TEST_F(StoreTest, ItSaysWhetherItCanWrite) {
    EXPECT_TRUE(tests::run(store_->check(start)).has_value());
    EXPECT_TRUE(tests::run(store_->check(start)).has_value());
    any_.execute("DROP TABLE written");
    EXPECT_EQ(tests::run(store_->check(start)).error().code, Errc::store);
}

TEST_F(StoreTest, DeliveriesAreFoundByTheBeginningOfTheirId) {
    accept(delivery("abc-1"));
    accept(delivery("abd-2"));
    EXPECT_EQ(show("abc").row.guid, "abc-1");
    EXPECT_EQ(tests::run(store_->show("ab")).error().code, Errc::bad_input);
    EXPECT_EQ(tests::run(store_->show("x%")).error().code, Errc::not_found);
    EXPECT_EQ(tests::run(store_->show("")).error().code, Errc::bad_input);
    accept(delivery("abc"));
    EXPECT_EQ(show("abc").row.guid, "abc");  // a whole id is never ambiguous
}

TEST_F(StoreTest, ListsNewestFirstAndFilters) {
    for (int run = 1; run <= 5; ++run) accept(delivery("d" + std::to_string(run), run));
    NewDelivery other = delivery("o");
    other.repository = "octo/other";
    accept(other);
    DeliveryFilter filter;
    filter.limit = 2;
    filter.repository = "octo/demo";
    auto rows = *tests::run(store_->list(filter));
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].guid, "d5");
    filter.before = "d4";
    rows = *tests::run(store_->list(filter));
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].guid, "d3");
    filter = {};
    filter.repository = "Octo/OTHER";  // as GitHub finds it, too
    EXPECT_EQ(tests::run(store_->list(filter))->size(), 1U);
    filter = {};
    filter.run_id = 2;
    rows = *tests::run(store_->list(filter));
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].run->key.run_id, 2);
}

TEST_F(StoreTest, PruningSparesWhatIsStillNeeded) {
    const Retention retention;
    accept(delivery("open", 1));
    accept(delivery("done", 2));
    decide();
    for (const Call& call : claim())
        if (call.planned.run.run_id == 2) succeed(call);
    const auto prune = [&](Time now) { return *tests::run(store_->prune(now, retention)); };
    EXPECT_EQ(prune(start + 7 * 24h), 0);
    EXPECT_EQ(prune(start + 7 * 24h + 1ms), 2);  // the bodies
    EXPECT_FALSE(show("done").body_kept);
    EXPECT_EQ(prune(start + 90 * 24h + 1ms), 3);  // one delivery, two attempts
    EXPECT_EQ(tests::run(store_->show("done")).error().code, Errc::not_found);
    EXPECT_EQ(show("open").calls.size(), 1U);
}

TEST(SqliteStoreFile, SaysWhatItCannotOpen) {
    const tests::TempDir dir;
    const auto opened = open_sqlite_store(dir.file("absent/a.db"));
    ASSERT_TRUE(opened.has_error());
    EXPECT_EQ(opened.error().code, Errc::store);
    EXPECT_NE(opened.error().message.find("absent/a.db"), std::string::npos);
}

}  // namespace
}  // namespace runs_agent::store
