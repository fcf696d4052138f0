// SPDX-License-Identifier: MIT
#include "observe/rate_limit.hpp"

#include <gtest/gtest.h>

namespace runs_agent {
namespace {

using namespace std::chrono_literals;

constexpr SteadyTime start{100h};

/// How many of `tries` are admitted.
int admitted(RateLimit& limit, int tries, SteadyTime now, std::string_view event = "a") {
    int count = 0;
    for (int i = 0; i < tries; ++i) count += limit.admit(event, now) ? 1 : 0;
    return count;
}

TEST(RateLimit, AdmitsAFewASecondAndCountsTheOthers) {
    RateLimit limit;
    EXPECT_EQ(admitted(limit, 3, start), 3);
    EXPECT_EQ(admitted(limit, 100, start + 999ms), RateLimit::most - 3);
    EXPECT_TRUE(limit.take_over(start + 999ms).empty());
    const auto over = limit.take_over(start + 1s);
    ASSERT_EQ(over.size(), 1U);
    EXPECT_EQ(over[0].event, "a");
    EXPECT_EQ(over[0].count, 98);
    EXPECT_TRUE(limit.take_over(start + 1s).empty());
    EXPECT_EQ(admitted(limit, 100, start + 1s), RateLimit::most);
}

TEST(RateLimit, ASecondBeginsWithItsFirst) {
    RateLimit limit;
    EXPECT_EQ(admitted(limit, 1, start), 1);
    EXPECT_EQ(admitted(limit, 100, start + 10s), RateLimit::most);
    EXPECT_EQ(admitted(limit, 100, start + 10s + 999ms), 0);
}

TEST(RateLimit, EventsDoNotMakeWayForEachOther) {
    RateLimit limit;
    EXPECT_EQ(admitted(limit, 100, start, "a"), RateLimit::most);
    EXPECT_EQ(admitted(limit, 3, start, "b"), 3);
    EXPECT_EQ(limit.take_all().size(), 1U);
}

TEST(RateLimit, NoCountIsLost) {
    RateLimit limit;
    int told = 0;
    std::int64_t counted = 0;
    for (int tenth = 0; tenth < 100; ++tenth) told += admitted(limit, 7, start + tenth * 100ms);
    for (const auto& [event, count] : limit.take_all()) counted += count;
    EXPECT_EQ(told, 10 * RateLimit::most);
    EXPECT_EQ(told + counted, 700);
    EXPECT_TRUE(limit.take_all().empty());
}

}  // namespace
}  // namespace runs_agent
