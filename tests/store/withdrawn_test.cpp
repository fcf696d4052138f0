// SPDX-License-Identifier: MIT
// Calls that a later event took back: a newer attempt records into the same run, say, and
// cancelling would end what is alive. None may ever be sent again, whatever state it was in.
#include "tests/store/store_fixture.hpp"

namespace runs_agent::store {
namespace {

class WithdrawnTest : public StoreTest {
protected:
    WithdrawnTest() {
        accept(delivery("a"));
        decide();
    }

    void withdraw() {
        accept(delivery("b", 1001, 2));
        decide([](const decide::Event&, const Known& known) {
            Decision decision;
            for (const decide::KnownCall& call : known.calls)
                if (!call.withdrawn)
                    decision.withdrawn.push_back(withdrawal_of(call, "attempt 2 goes on"));
            return decision;
        });
    }

    Call planned() { return show("a").calls.at(0).call; }

    void expect_that_it_is_over(const std::string& outcome) {
        EXPECT_EQ(planned().state, CallState::succeeded);
        EXPECT_EQ(planned().outcome, outcome);
        EXPECT_TRUE(claim(start + 24h).empty());
        EXPECT_EQ(tests::run(store_->resume_held(start + 24h, 0ms, 100)).value(), 0);
        const auto replayed = tests::run(store_->replay("a", start));
        ASSERT_TRUE(replayed.has_error());
        EXPECT_EQ(replayed.error().code, Errc::refused);
        EXPECT_NE(replayed.error().message.find("attempt 2 goes on"), std::string::npos);
        EXPECT_TRUE(claim(start + 24h).empty());
        EXPECT_EQ(backlog().pending + backlog().held + backlog().dead, 0);
    }
};

TEST_F(WithdrawnTest, OneThatWaitsIsOver) {
    withdraw();
    expect_that_it_is_over("not needed any more: attempt 2 goes on");
}

TEST_F(WithdrawnTest, TheTryThatIsUnderWayIsTheLast) {
    for (const CallState state : {CallState::pending, CallState::held, CallState::dead}) {
        open();
        const auto calls = claim();
        ASSERT_EQ(calls.size(), 1U);
        withdraw();
        EXPECT_EQ(planned().state, CallState::pending);
        AfterTry after;
        after.state = state;
        after.due_at = start + 1s;
        after.outcome = "503 down";
        record(calls[0], after);
        expect_that_it_is_over("not needed any more: attempt 2 goes on; before: 503 down");
        // Once more from the beginning.
        store_.reset();
        any_.wipe();
        open();
        accept(delivery("a"));
        decide();
    }
}

TEST_F(WithdrawnTest, WhatIsUnderWayAndSucceedsKeepsItsOutcome) {
    const auto calls = claim();
    withdraw();
    succeed(calls.at(0));
    expect_that_it_is_over("cancelled");
}

TEST_F(WithdrawnTest, AClaimOfAnEarlierProcessIsNotTakenUp) {
    ASSERT_EQ(claim().size(), 1U);
    withdraw();
    open();
    EXPECT_EQ(tests::run(store_->recover(start)).value(), 1);
    expect_that_it_is_over("not needed any more: attempt 2 goes on");
}

TEST_F(WithdrawnTest, AClaimWhoseEndCouldNotBeRecordedIsNotTakenUp) {
    ASSERT_EQ(claim().size(), 1U);
    withdraw();
    EXPECT_TRUE(claim(start + 1min).empty());
    EXPECT_EQ(planned().state, CallState::pending) << "it may be under way still";
    EXPECT_TRUE(claim(start + 1h).empty());
    expect_that_it_is_over("not needed any more: attempt 2 goes on");
}

TEST_F(WithdrawnTest, AClaimThatIsGivenBackIsNotTakenUp) {
    const auto calls = claim();
    withdraw();
    ASSERT_TRUE(tests::run(store_->release({calls.at(0).id}, start)).has_value());
    expect_that_it_is_over("not needed any more: attempt 2 goes on");
}

TEST_F(WithdrawnTest, ADeadLetterIsNoneAnyMore) {
    AfterTry after;
    after.state = CallState::dead;
    after.outcome = "418 a teapot";
    record(claim().at(0), after);
    EXPECT_EQ(backlog().dead, 1);
    withdraw();
    expect_that_it_is_over("not needed any more: attempt 2 goes on; before: 418 a teapot");
}

TEST_F(WithdrawnTest, WhatAPersonGaveUpKeepsThatWord) {
    ASSERT_EQ(tests::run(store_->drop("a", start)).value(), 1);
    withdraw();
    EXPECT_EQ(planned().state, CallState::dropped);
    EXPECT_EQ(planned().outcome, "given up by hand");
    EXPECT_TRUE(claim(start + 24h).empty());
    EXPECT_EQ(tests::run(store_->replay("a", start)).error().code, Errc::refused);
}

TEST_F(WithdrawnTest, WhatIsDoneIsNotDoneAgain) {
    succeed(claim().at(0));
    withdraw();
    expect_that_it_is_over("cancelled");
}

TEST_F(WithdrawnTest, AReplayDoesTheOthersOfItsDelivery) {
    accept(delivery("two", 2002));
    decide([](const decide::Event& event, const Known& known) {
        Decision decision = cancel(event, known);
        decision.calls.push_back(decision.calls[0]);
        decision.calls[1].project_id = "p2";
        return decision;
    });
    for (const Call& call : claim()) succeed(call);
    accept(delivery("later", 2002, 2));
    decide([](const decide::Event&, const Known& known) {
        Decision decision;
        for (const decide::KnownCall& call : known.calls)
            if (call.key.ends_with("/p2"))
                decision.withdrawn.push_back(withdrawal_of(call, "it is late"));
        return decision;
    });
    EXPECT_EQ(tests::run(store_->replay("two", start)).value(), 1);
    const auto again = claim(start + 1s);
    ASSERT_EQ(again.size(), 1U);
    EXPECT_EQ(again[0].planned.project_id, "");
}

}  // namespace
}  // namespace runs_agent::store
