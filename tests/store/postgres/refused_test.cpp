// SPDX-License-Identifier: MIT
// What PostgreSQL alone refuses of one row, or tells apart by more than its lane. Needs a server:
// see any_store.hpp.
#include "tests/store/store_fixture.hpp"

namespace runs_agent::store {
namespace {

class PostgresRefused : public StoreTest {};

TEST_F(PostgresRefused, WhatThereWasBeforeOfTheGroupIsFoundByItsNameToo) {
    NewDelivery first = delivery("a", 1);
    run_in(first).action = "requested";
    run_in(first).conclusion.clear();
    accept(first);
    decide();
    // Of another group that has the same number.
    any_.execute("UPDATE attempts SET run_group = 'another'");
    accept(delivery("b", 2));
    decide([](const decide::Event& event, const Known& known) {
        EXPECT_TRUE(known.older.empty());
        return cancel(event, known);
    });
}

TEST_F(PostgresRefused, OneThatCannotBeRecordedIsDecidedSo) {
    for (int run = 1; run <= 4; ++run) accept(delivery("d" + std::to_string(run), run));
    any_.execute("ALTER TABLE attempts ADD CONSTRAINT not_two CHECK (run_id <> 2)");
    const auto decided = decide();
    ASSERT_EQ(decided.size(), 4U);
    EXPECT_EQ(backlog().undecided, 0);
    EXPECT_EQ(backlog().pending, 3);
    const auto refused = show("d2");
    EXPECT_NE(refused.row.reason.find("could not be recorded"), std::string::npos)
        << refused.row.reason;
    EXPECT_TRUE(refused.calls.empty());

    any_.execute("ALTER TABLE attempts DROP CONSTRAINT not_two");
    ASSERT_TRUE(tests::run(store_->replay("d2", start)).has_value());
    EXPECT_EQ(decide().size(), 1U);
    EXPECT_EQ(show("d2").calls.size(), 1U);
}

}  // namespace
}  // namespace runs_agent::store
