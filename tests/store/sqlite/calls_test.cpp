// SPDX-License-Identifier: MIT
#include "tests/store/store_fixture.hpp"

#include <tuple>

namespace runs_agent::store {
namespace {

TEST_F(StoreTest, DecisionsSeeTheirFactsAndAreMadeOnceInOrder) {
    accept(delivery("a", 1001, 1));
    accept(delivery("b", 1001, 2));
    open();
    const auto decided = decide();
    ASSERT_EQ(decided.size(), 2U);
    EXPECT_EQ(decided[0].guid, "a");
    EXPECT_EQ(decided[0].run, (decide::RunKey{"github.com", 1001}));
    EXPECT_EQ(decided[1].guid, "b");
    EXPECT_TRUE(decide().empty());
    const auto detail = show("b");
    EXPECT_EQ(detail.row.rule, "R1");
    EXPECT_EQ(detail.row.reason, "because");
    EXPECT_EQ(detail.row.calls, 1);
    EXPECT_TRUE(detail.body_kept);
}

TEST_F(StoreTest, TheSameCallIsPlannedOnce) {
    for (const char* guid : {"a", "b", "c"}) accept(delivery(guid));
    decide();
    EXPECT_EQ(claim().size(), 1U);
    EXPECT_EQ(show("a").calls.size(), 1U);
    EXPECT_EQ(show("b").calls.size(), 0U);
}

TEST_F(StoreTest, AnOutrightCallReplacesACarefulOneUntilThatHasDoneSomething) {
    const Decider careful = [](const decide::Event& event, const Known& known) {
        Decision decision = cancel(event, known);
        decision.calls[0].only_if_in_progress = true;
        return decision;
    };
    accept(delivery("careful"));
    decide(careful);
    const auto claimed = claim();
    accept(delivery("outright"));
    decide(cancel);
    // The try under way was of the careful call; it must not end the outright one.
    AfterTry nothing;
    nothing.state = CallState::succeeded;
    nothing.outcome = "nothing to cancel";
    record(claimed.at(0), nothing);
    const auto next = claim();
    ASSERT_EQ(next.size(), 1U);
    EXPECT_FALSE(next[0].planned.only_if_in_progress);
    EXPECT_EQ(next[0].delivery, "outright");
    succeed(next[0]);

    accept(delivery("careful again"));
    decide(careful);
    accept(delivery("outright again"));
    decide(cancel);
    EXPECT_TRUE(claim().empty());
}

TEST_F(StoreTest, CallsOfOneRunAreHandedOutOneByOne) {
    accept(delivery("a", 1001, 1));
    accept(delivery("b", 1001, 2));
    accept(delivery("c", 1002, 1));
    decide();
    auto first = claim();
    ASSERT_EQ(first.size(), 2U);
    EXPECT_EQ(first[0].planned.run.run_id, 1001);
    EXPECT_EQ(first[0].planned.attempt, 1);
    EXPECT_EQ(first[1].planned.run.run_id, 1002);
    EXPECT_TRUE(claim().empty());

    AfterTry later;
    later.due_at = start + 1h;
    record(first[0], later);
    EXPECT_TRUE(claim().empty());
    EXPECT_EQ(*tests::run(store_->next_due(start, runs_api_service)),
              start + 10min);  // the lease of run 1002
    auto again = claim(start + 1h);
    ASSERT_EQ(again.size(), 2U);
    EXPECT_EQ(again[0].planned.run.run_id, 1002);  // its lease has ended
    EXPECT_EQ(again[1].tries, 1);
    succeed(again[1]);
    const auto last = claim(start + 1h);
    ASSERT_EQ(last.size(), 1U);
    EXPECT_EQ(last[0].planned.attempt, 2);
}

TEST_F(StoreTest, ClaimsKeepToTheirLimitAndComeBackWhenReleased) {
    for (int run = 1; run <= 5; ++run) accept(delivery(std::to_string(run), run));
    decide();
    const auto claimed = claim(start, 3);
    ASSERT_EQ(claimed.size(), 3U);
    EXPECT_EQ(claim().size(), 2U);
    ASSERT_TRUE(tests::run(store_->release({claimed[0].id}, start)).has_value());
    EXPECT_EQ(claim().size(), 1U);
    open();
    EXPECT_EQ(*tests::run(store_->recover(start)), 5);
    EXPECT_EQ(claim().size(), 5U);
}

TEST_F(StoreTest, HeldCallsWaitAndGoOnOldestFirst) {
    accept(delivery("a", 1));
    accept(delivery("b", 2));
    decide();
    auto claimed = claim();
    AfterTry held;
    held.state = CallState::held;
    held.outcome = "401";
    record(claimed[0], held, start);
    record(claimed[1], held, start + 1min);
    EXPECT_TRUE(claim(start + 24h).empty());
    EXPECT_EQ(backlog().held, 2);
    EXPECT_EQ(*tests::run(store_->resume_held(start + 29s, 30s, 10)), 0);
    EXPECT_EQ(*tests::run(store_->resume_held(start + 30s, 30s, 10)), 1);
    const auto probe = claim(start + 30s);
    ASSERT_EQ(probe.size(), 1U);
    EXPECT_EQ(probe[0].delivery, "a");
    EXPECT_EQ(probe[0].tries, 0);
    EXPECT_FALSE(probe[0].first_tried_at);
    // Being asked again does not make it well.
    EXPECT_EQ(backlog().held, 2);
    EXPECT_EQ(backlog().pending, 0);
    EXPECT_EQ(backlog().held_because, "401");

    // Refused once more, it waits twice as long.
    record(probe[0], held, start + 1min);
    EXPECT_EQ(*tests::run(store_->resume_held(start + 2min - 1ms, 30s, 1)), 1);  // b
    EXPECT_EQ(*tests::run(store_->resume_held(start + 2min - 1ms, 30s, 1)), 0);
    EXPECT_EQ(*tests::run(store_->resume_held(start + 2min, 30s, 1)), 1);
    for (const Call& call : claim(start + 2min)) succeed(call);
    EXPECT_EQ(backlog().held, 0);
}

TEST_F(StoreTest, AHeldCallThatIsPlannedAnewStillSaysWhyItWaits) {
    accept(delivery("careful"));
    decide([](const decide::Event& event, const Known& known) {
        Decision decision = cancel(event, known);
        decision.calls[0].only_if_in_progress = true;
        return decision;
    });
    AfterTry held;
    held.state = CallState::held;
    held.outcome = "401";
    record(claim().at(0), held);
    accept(delivery("outright"));
    decide();
    EXPECT_EQ(backlog().held, 1);
    EXPECT_EQ(backlog().held_because, "401");
    EXPECT_EQ(claim().size(), 1U);
}

TEST_F(StoreTest, ARestartForgetsNoRefusal) {
    accept(delivery("a"));
    decide();
    AfterTry held;
    held.state = CallState::held;
    record(claim().at(0), held);
    open();
    std::ignore = tests::run(store_->recover(start));
    EXPECT_EQ(*tests::run(store_->resume_held(start, 0ms, 100)), 1);
    EXPECT_EQ(backlog().held, 1);
}

TEST_F(StoreTest, EachProjectOfARunHasAnOrderOfItsOwn) {
    accept(delivery("a"));
    decide([](const decide::Event& event, const Known& known) {
        Decision decision = cancel(event, known);
        decision.calls[0].project_id = "p1";
        decision.calls.push_back(decision.calls[0]);
        decision.calls[1].project_id = "p2";
        return decision;
    });
    const auto both = claim();
    ASSERT_EQ(both.size(), 2U);
    AfterTry held;
    held.state = CallState::held;
    record(both[0], held);
    succeed(both[1]);
    EXPECT_EQ(backlog().held, 1);
}

TEST_F(StoreTest, WhatWaitsToBeRecordedLetsOthersByUnlessItIsUnderWay) {
    accept(delivery("a", 1001, 1));
    accept(delivery("b", 1001, 2));
    decide();
    AfterTry wait;
    wait.due_at = start + 10s;
    wait.was_not_found = true;
    record(claim().at(0), wait);
    EXPECT_EQ(*tests::run(store_->next_due(start, runs_api_service)), start);
    const auto second = claim();
    ASSERT_EQ(second.size(), 1U);
    EXPECT_EQ(second[0].planned.attempt, 2);
    AfterTry later;
    later.due_at = start;
    record(second[0], later);
    const auto first = claim(start + 10s);
    ASSERT_EQ(first.size(), 1U);
    EXPECT_EQ(first[0].planned.attempt, 1);
    EXPECT_TRUE(claim(start + 10s).empty());
}

TEST_F(StoreTest, ACallThatIsUnderWayIsNotReplayed) {
    accept(delivery("a"));
    decide();
    ASSERT_EQ(claim().size(), 1U);
    EXPECT_EQ(tests::run(store_->replay("a", start)).error().code, Errc::busy);
}

TEST_F(StoreTest, ADeliveryWithoutCallsIsDecidedAsItWasTheFirstTime) {
    accept(delivery("a", 1001, 2));
    std::vector<Known> seen;
    const Decider decider = [&](const decide::Event&, const Known& known) {
        seen.push_back(known);
        return Decision();
    };
    decide(decider);
    EXPECT_EQ(*tests::run(store_->replay("a", start)), 0);
    decide(decider);
    ASSERT_EQ(seen.size(), 2U);
    EXPECT_TRUE(seen[0].attempts.empty() && !seen[0].replayed);
    // But what is known of its lives counts: a later one must not be harmed.
    EXPECT_TRUE(seen[1].attempts.size() == 1 && seen[1].replayed);
}

TEST_F(StoreTest, ACallPlannedAnewIsStillShownWhereItWasPlannedFirst) {
    accept(delivery("careful"));
    decide([](const decide::Event& event, const Known& known) {
        Decision decision = cancel(event, known);
        decision.calls[0].only_if_in_progress = true;
        return decision;
    });
    accept(delivery("outright"));
    decide();
    ASSERT_EQ(show("careful").calls.size(), 1U);
    EXPECT_EQ(show("careful").calls[0].call.delivery, "outright");
    EXPECT_EQ(show("outright").calls.size(), 1U);
}

TEST_F(StoreTest, AnOperationOfAnotherVersionStopsNobody) {
    accept(delivery("a", 1));
    accept(delivery("b", 2));
    decide();
    any_.execute("UPDATE calls SET operation = 'teleport' WHERE run_id = 1");
    EXPECT_EQ(claim().size(), 1U);
    // Beside replicas of another version it is left to them, but not for ever.
    if (any_.is_postgres()) {
        EXPECT_EQ(backlog().dead, 0);
        EXPECT_EQ(claim(start + 1h).size(), 1U) << "its own again, whose lease has ended";
    }
    EXPECT_EQ(backlog().dead, 1);
    EXPECT_NE(show("a").calls[0].call.outcome.find("teleport"), std::string::npos);
}

TEST_F(StoreTest, ADeadLetterCanBeReplayed) {
    accept(delivery("abc-1"));
    decide();
    AfterTry dead;
    dead.state = CallState::dead;
    dead.outcome = "given up";
    record(claim().at(0), dead);
    DeliveryFilter filter;
    filter.only_dead = true;
    EXPECT_EQ(tests::run(store_->list(filter))->size(), 1U);
    EXPECT_EQ(backlog().dead, 1);

    EXPECT_EQ(*tests::run(store_->replay("abc", start + 1h)), 1);
    EXPECT_EQ(tests::run(store_->list(filter))->size(), 0U);
    const auto again = claim(start + 1h);
    ASSERT_EQ(again.size(), 1U);
    EXPECT_EQ(again[0].tries, 0);
    EXPECT_EQ(show("abc-1").calls[0].tries.size(), 1U);  // what happened is not forgotten
}

TEST_F(StoreTest, ADeliveryWithoutCallsIsDecidedAnewByAReplay) {
    accept(delivery("a"));
    decide([](const decide::Event&, const Known&) { return Decision{}; });
    EXPECT_EQ(*tests::run(store_->replay("a", start)), 0);
    EXPECT_EQ(decide().size(), 1U);
    EXPECT_EQ(claim().size(), 1U);
}

}  // namespace
}  // namespace runs_agent::store
