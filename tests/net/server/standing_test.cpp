// SPDX-License-Identifier: MIT
#include "net/server/standing.hpp"

#include <gtest/gtest.h>

namespace runs_agent::net {
namespace {

using namespace std::chrono_literals;

const Moment start = Moment() + 1h;
const Fairness fairness;

Standing standing(Doing doing) {
    Standing one;
    one.doing = doing;
    one.since = one.connected = start;
    return one;
}

Standing known_reading() {
    Standing one = standing(Doing::reading);
    one.known = true;
    return one;
}

std::optional<std::chrono::nanoseconds> after(const Standing& one) {
    const auto from = makes_way_from(one, fairness);
    if (!from) return std::nullopt;
    return *from - start;
}

TEST(StandingTest, WhoWaitsForUsNeverMakesWay) {
    EXPECT_FALSE(after(standing(Doing::working)));
}

TEST(StandingTest, WhoHasJustBegunIsGivenAMoment) {
    for (const Doing doing : {Doing::silent, Doing::reading, Doing::writing, Doing::lingering})
        EXPECT_EQ(after(standing(doing)), 250ms);
}

TEST(StandingTest, BytesBuyTimeAndTricklesDoNot) {
    for (const Doing doing : {Doing::reading, Doing::writing}) {
        for (const bool known : {true, false}) {
            Standing one = standing(doing);
            one.known = known;
            one.moved = one.in_all = 64UL * 1024;
            EXPECT_EQ(after(one), 1250ms);
            one.moved = one.in_all = 40;
            EXPECT_EQ(after(one), 250ms);
            one.moved = one.in_all = 25ULL * 1024 * 1024;
            EXPECT_EQ(after(one), known ? 400'250ms : 10'250ms);
        }
    }
}

TEST(StandingTest, AStrangerHasOneGraceForAllThatItDoes) {
    Standing one = standing(Doing::reading);
    one.since = start + 1h;  // it has just begun something, again
    EXPECT_EQ(after(one), 250ms);
    one.in_all = 64UL * 1024;
    EXPECT_EQ(after(one), 1250ms);
    one.known = true;
    EXPECT_EQ(after(one), 1h + 250ms);
}

TEST(StandingTest, TheLastResortIsAnybodyWhoIsNotWaitingForUsNorHasOnlyJustCome) {
    const auto at_last = [](const Standing& one, std::chrono::milliseconds after) {
        return makes_way_at_last(one, start + after, fairness);
    };
    for (const bool known : {true, false}) {
        Standing one = standing(Doing::reading);
        one.known = one.verified = known;
        one.since = start + 1h;
        EXPECT_FALSE(at_last(one, 249ms));
        EXPECT_EQ(at_last(one, 250ms), !known) << "whoever came first may be an honest sender";
        EXPECT_FALSE(known && at_last(one, 1h + 4'999ms));
        EXPECT_TRUE(at_last(one, 1h + 5s));
        one.doing = Doing::working;
        EXPECT_FALSE(at_last(one, 1h));
        one.doing = Doing::idle;
        one.since = start;
        EXPECT_EQ(at_last(one, 1h), !known) << "it may be about to send";
    }
}

TEST(StandingTest, AnIdleStrangerMakesWayAtOnceAndAKnownSenderAfterAMoment) {
    Standing one = standing(Doing::idle);
    EXPECT_EQ(after(one), 0ms);
    one.known = true;
    EXPECT_EQ(after(one), 250ms);
    one.verified = true;
    EXPECT_EQ(after(one), 5s);
    one.doing = Doing::reading;
    EXPECT_EQ(after(one), 250ms) << "in the middle of a request there is no reason to wait";
    EXPECT_TRUE(makes_way_before(one, standing(Doing::idle)) ==
                makes_way_before(known_reading(), standing(Doing::idle)))
        << "nor to take it for another's than the stranger's it may be";
}

TEST(StandingTest, WhoPipelinesIsSparedForItsAddressNoLongerThanAStranger) {
    Standing one = standing(Doing::idle);
    one.known = one.ahead = true;
    EXPECT_EQ(after(one), 0ms);
}

TEST(StandingTest, WhoWasAnsweredMakesWaySoonerAtLast) {
    Standing one = standing(Doing::reading);
    one.answered = true;
    EXPECT_FALSE(makes_way_at_last(one, start + 61ms, fairness));
    EXPECT_TRUE(makes_way_at_last(one, start + 63ms, fairness));
    one.verified = one.known = true;
    EXPECT_FALSE(makes_way_at_last(one, start + 4'999ms, fairness));
}

TEST(StandingTest, StrangersGoBeforeWhoIsKnownWhateverTheyDo) {
    Standing stranger = standing(Doing::idle);
    Standing known = standing(Doing::lingering);
    known.known = true;
    stranger.since = start + 1min;
    EXPECT_TRUE(makes_way_before(stranger, known));
    EXPECT_FALSE(makes_way_before(known, stranger));
    Standing verified = standing(Doing::idle);
    verified.verified = verified.known = true;
    EXPECT_TRUE(makes_way_before(known, verified));
    EXPECT_FALSE(makes_way_before(verified, known));
}

TEST(StandingTest, OfStrangersTheCrowdGoesFirst) {
    Standing alone = standing(Doing::writing);
    Standing of_many = standing(Doing::idle);
    of_many.crowded = true;
    EXPECT_TRUE(makes_way_before(of_many, alone));
    EXPECT_FALSE(makes_way_before(alone, of_many));
}

TEST(StandingTest, ThenWhatTheyDoCountsAndThenHowLong) {
    const std::array order{Doing::lingering, Doing::writing, Doing::silent, Doing::reading,
                           Doing::idle};
    for (std::size_t i = 1; i < order.size(); ++i) {
        Standing earlier = standing(order[i - 1]);
        earlier.since = start + 1min;
        EXPECT_TRUE(makes_way_before(earlier, standing(order[i])));
        EXPECT_FALSE(makes_way_before(standing(order[i]), earlier));
    }
    Standing later = standing(Doing::reading);
    later.since = start + 1ms;
    EXPECT_TRUE(makes_way_before(standing(Doing::reading), later));
    EXPECT_FALSE(makes_way_before(later, standing(Doing::reading)));
    EXPECT_FALSE(makes_way_before(later, later));
}

TEST(StandingTest, MemoryIsUsedByTheByteAndTheSecond) {
    Standing large = standing(Doing::reading);
    large.held = 2'000'000;
    Standing slow = standing(Doing::reading);
    slow.held = 255'000;
    large.since = start + 9'950ms;  // 2 MB that came within 50 ms
    EXPECT_LT(memory_used(large, start + 10s), memory_used(slow, start + 10s));
    EXPECT_EQ(memory_used(slow, start + 10s), 2'550'000.0);
    slow.known = true;
    EXPECT_EQ(memory_used(slow, start + 10s), 2'550'000.0 / 64) << "strangers go before";
    slow.verified = true;
    EXPECT_LT(memory_used(slow, start + 10s), 10.0);
    EXPECT_GT(memory_used(slow, start + 10s), 0.0);
    slow.moved_at = start + 9'500ms;
    EXPECT_EQ(memory_used(slow, start + 10s), 0.0) << "it still sends";
    EXPECT_GT(memory_used(slow, start + 11s), 0.0) << "it has stalled";
    slow.doing = Doing::working;
    EXPECT_EQ(memory_used(slow, start + 10s), 0.0);
}

}  // namespace
}  // namespace runs_agent::net
