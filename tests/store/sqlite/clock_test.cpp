// SPDX-License-Identifier: MIT
// Calls and the time of day: a clock that is set back, a host that slept.
#include "tests/store/store_fixture.hpp"

namespace runs_agent::store {
namespace {

class StoreClockTest : public StoreTest {
protected:
    StoreClockTest() {
        accept(delivery("a"));
        decide();
    }

    void retry(const Call& call, Time at, std::chrono::milliseconds wait) {
        AfterTry after;
        after.due_at = at + wait;
        after.outcome = "503";
        record(call, after, at);
    }
    int set_back(Time now) { return *tests::run(store_->clock_set_back(now, now + 10min)); }
    Call planned() { return show("a").calls.at(0).call; }
};

TEST_F(StoreClockTest, WhatWaitsToBeTriedAgainDoesNotWaitForTheOldTime) {
    retry(claim().at(0), start, 5min);
    const Time back = start - 24h;
    EXPECT_TRUE(claim(back + 5min).empty());
    EXPECT_EQ(set_back(back), 1);
    EXPECT_EQ(planned().due_at, back + 5min);
    EXPECT_EQ(claim(back + 5min).size(), 1U);
}

TEST_F(StoreClockTest, WhatIsPlannedForLaterIsDueAsLongAfterwards) {
    accept(delivery("later", 7));
    decide([](const decide::Event& event, const Known& known) {
        Decision decision = cancel(event, known);
        decision.calls[0].delay = 2min;
        return decision;
    });
    const Time back = start - 24h;
    EXPECT_EQ(set_back(back), 2);
    EXPECT_EQ(claim(back).size(), 1U);
    EXPECT_TRUE(claim(back + 119s).empty());
    EXPECT_EQ(claim(back + 120s).size(), 1U);
}

TEST_F(StoreClockTest, ALeaseEndsInTime) {
    ASSERT_EQ(claim().size(), 1U);
    const Time back = start - 24h;
    set_back(back);
    EXPECT_TRUE(claim(back + 9min).empty());
    EXPECT_EQ(claim(back + 10min).size(), 1U);
}

TEST_F(StoreClockTest, AHeldCallIsAskedForAgainInTime) {
    AfterTry after;
    after.state = CallState::held;
    after.outcome = "401";
    record(claim().at(0), after);
    const Time back = start - 24h;
    EXPECT_EQ(*tests::run(store_->resume_held(back + 31s, 30s, 1)), 0);
    set_back(back);
    EXPECT_EQ(*tests::run(store_->resume_held(back + 31s, 30s, 1)), 1);
}

TEST_F(StoreClockTest, AClockThatWasNotSetBackMovesNothing) {
    retry(claim().at(0), start, 5min);
    EXPECT_EQ(set_back(start + 1s), 0);
    EXPECT_EQ(set_back(start - 1s), 0);
    EXPECT_EQ(planned().due_at, start + 5min);
}

TEST_F(StoreClockTest, OfTheTimeBetweenTwoTriesAnHourCounts) {
    Time now = start;
    EXPECT_EQ(claim(now).at(0).tried_for, 0ms);
    open();
    ASSERT_EQ(*tests::run(store_->recover(now)), 1);
    for (const auto& [gap, in_all] :
         {std::pair<std::chrono::milliseconds, std::chrono::milliseconds>{10min, 10min},
          {48h, 70min},
          {-24h, 70min},
          {20min, 90min}}) {
        retry(claim(now).at(0), now, 0s);
        now += gap;
        if (gap < 0s) set_back(now);
        const auto calls = claim(now);
        ASSERT_EQ(calls.size(), 1U);
        EXPECT_EQ(calls[0].tried_for, in_all) << gap.count();
        ASSERT_TRUE(tests::run(store_->release({calls[0].id}, now)).has_value());
    }
}

TEST_F(StoreClockTest, AReplayBeginsAnew) {
    AfterTry after;
    after.state = CallState::dead;
    retry(claim().at(0), start, 0s);
    record(claim(start + 30min).at(0), after, start + 30min);
    ASSERT_EQ(*tests::run(store_->replay("a", start + 40min)), 1);
    const auto first = claim(start + 50min);
    ASSERT_EQ(first.size(), 1U);
    EXPECT_EQ(first[0].tried_for, 0ms);
}

TEST_F(StoreClockTest, WhatWasTakenBackOrHasEndedIsNotWanted) {
    const auto not_wanted = [this](std::int64_t id) { return *tests::run(store_->not_wanted(id)); };
    const Call call = claim().at(0);
    EXPECT_EQ(not_wanted(call.id), std::nullopt);
    accept(delivery("b", 1001, 2));
    decide([](const decide::Event&, const Known& known) {
        Decision decision;
        decision.withdrawn.push_back(withdrawal_of(known.calls.at(0), "attempt 2 goes on"));
        return decision;
    });
    EXPECT_EQ(not_wanted(call.id), "attempt 2 goes on");
    accept(delivery("c", 7));
    decide();
    const Call other = claim().at(0);
    EXPECT_EQ(not_wanted(other.id), std::nullopt);
    succeed(other);
    EXPECT_EQ(not_wanted(other.id), "it has ended meanwhile (cancelled)");
    EXPECT_NE(not_wanted(4711), std::nullopt);
}

}  // namespace
}  // namespace runs_agent::store
