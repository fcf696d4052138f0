// SPDX-License-Identifier: MIT
// A person gives calls up: from then on they wait for nothing and nobody.
#include "tests/store/store_fixture.hpp"

namespace runs_agent::store {
namespace {

class StoreDropTest : public StoreTest {
protected:
    /// A delivery whose one call was tried and ended so.
    void end(const std::string& guid, std::int64_t run_id, CallState state,
             const std::string& outcome) {
        accept(delivery(guid, run_id));
        decide();
        AfterTry after;
        after.state = state;
        after.outcome = outcome;
        after.due_at = start + 1h;
        record(claim().at(0), after);
    }
    int drop(const std::string& guid) { return *tests::run(store_->drop(guid, start)); }
    std::size_t listed_as_dead() {
        DeliveryFilter filter;
        filter.only_dead = true;
        return tests::run(store_->list(filter))->size();
    }
};

TEST_F(StoreDropTest, WhatWaitsCanBeGivenUpAndNeedsNobody) {
    end("held", 1, CallState::held, "403");
    end("pending", 2, CallState::pending, "");
    for (const char* const guid : {"held", "pending"}) EXPECT_EQ(drop(guid), 1) << guid;
    EXPECT_EQ(backlog().held, 0);
    EXPECT_EQ(backlog().pending, 0);
    EXPECT_EQ(backlog().dead, 0) << "nobody need look at what a person gave up";
    EXPECT_EQ(listed_as_dead(), 0U);
    EXPECT_TRUE(claim(start + 2h).empty());
    EXPECT_EQ(show("held").calls[0].call.state, CallState::dropped);
    EXPECT_EQ(show("held").calls[0].call.outcome, "given up by hand: 403");
    EXPECT_EQ(show("pending").calls[0].call.outcome, "given up by hand");
    EXPECT_EQ(show("held").row.calls_dropped, 1);
    EXPECT_EQ(drop("held"), 0) << "once is enough";
    EXPECT_EQ(tests::run(store_->drop("nobody", start)).error().code, Errc::not_found);
}

TEST_F(StoreDropTest, ADeadLetterCanBeGivenUp) {
    end("a", 1, CallState::dead, "400 no such project");
    end("b", 2, CallState::dead, "400");
    EXPECT_EQ(backlog().dead, 2);
    EXPECT_EQ(drop("a"), 1);
    EXPECT_EQ(backlog().dead, 1);
    EXPECT_EQ(listed_as_dead(), 1U);
    EXPECT_EQ(show("a").row.calls_dead, 0);
    EXPECT_EQ(show("a").calls[0].call.outcome, "given up by hand: 400 no such project");
}

TEST_F(StoreDropTest, WhatSucceededStaysSo) {
    end("a", 1, CallState::succeeded, "cancelled");
    EXPECT_EQ(drop("a"), 0);
    EXPECT_EQ(show("a").calls[0].call.state, CallState::succeeded);
}

TEST_F(StoreDropTest, WhatWasGivenUpCanBeReplayed) {
    end("a", 1, CallState::dead, "400");
    drop("a");
    EXPECT_EQ(*tests::run(store_->replay("a", start)), 1);
    EXPECT_EQ(show("a").row.calls_dropped, 0);
    EXPECT_EQ(claim().size(), 1U);
}

TEST_F(StoreDropTest, WhatWasGivenUpIsPrunedWithItsDelivery) {
    end("a", 1, CallState::held, "403");
    drop("a");
    ASSERT_TRUE(tests::run(store_->prune(start + 91 * 24h, Retention())).has_value());
    EXPECT_EQ(tests::run(store_->show("a")).error().code, Errc::not_found);
}

}  // namespace
}  // namespace runs_agent::store
