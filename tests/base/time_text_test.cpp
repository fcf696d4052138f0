// SPDX-License-Identifier: MIT
#include "base/time_text.hpp"

#include <gtest/gtest.h>

namespace runs_agent {
namespace {

using namespace std::chrono_literals;

Time at(std::int64_t ms) {
    return Time(std::chrono::milliseconds(ms));
}

TEST(TimeText, WritesAndReadsIso8601) {
    EXPECT_EQ(to_iso8601(at(0)), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(to_iso8601(at(1'767'225'600'004)), "2026-01-01T00:00:00.004Z");
    EXPECT_EQ(parse_iso8601("2026-01-01T00:00:00.004Z"), at(1'767'225'600'004));
    EXPECT_EQ(parse_iso8601("2026-01-01T00:00:00Z"), at(1'767'225'600'000));
    EXPECT_EQ(parse_iso8601("2026-01-01T02:30:00.1234567+02:30"), at(1'767'225'600'123));
    EXPECT_EQ(parse_iso8601("2025-12-31T19:00:00-05:00"), at(1'767'225'600'000));
}

TEST(TimeText, RefusesWhatIsNotATime) {
    for (const char* text :
         {"", "2026", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-01-01T24:00:00Z",
          "2026-01-01T00:00:00", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00Zx", "yesterday"})
        EXPECT_FALSE(parse_iso8601(text)) << text;
}

TEST(TimeText, ReadsHttpDates) {
    // The example of RFC 9110 section 5.6.7.
    EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), at(784'111'777'000));
    EXPECT_FALSE(parse_http_date("120"));
    EXPECT_FALSE(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT and more"));
}

TEST(TimeText, SpeaksOfDurations) {
    EXPECT_EQ(to_words(340ms), "340 ms");
    EXPECT_EQ(to_words(2500ms), "2.5 s");
    EXPECT_EQ(to_words(200s), "3 min 20 s");
    EXPECT_EQ(to_words(125min), "2 h 5 min");
}

}  // namespace
}  // namespace runs_agent
