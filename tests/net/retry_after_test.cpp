// SPDX-License-Identifier: MIT
#include "net/retry_after.hpp"

#include "base/time_text.hpp"

#include <gtest/gtest.h>

namespace runs_agent::net {
namespace {

using namespace std::chrono_literals;

std::optional<std::chrono::milliseconds> asked(const char* value) {
    return retry_after(Headers{{"retry-after", value}}, *parse_iso8601("2026-01-01T00:00:00.400Z"));
}

TEST(RetryAfter, SecondsOrADateUpToAWeek) {
    const struct {
        const char* value;
        std::chrono::milliseconds expected;
    } cases[] = {
        {"0", 0ms},
        {"30", 30s},
        {"604800", 168h},
        {"604801", 168h},
        {"9223372036854775807", 168h},
        {"18446744073709551616", 168h},
        {"99999999999999999999999999", 168h},
        {"Thu, 01 Jan 2026 00:00:10 GMT", 9600ms},
        {"Wed, 31 Dec 2025 00:00:00 GMT", 0ms},
        {"Fri, 01 Jan 2027 00:00:00 GMT", 168h},
    };
    for (const auto& each : cases) EXPECT_EQ(asked(each.value), each.expected) << each.value;
}

TEST(RetryAfter, AnythingElseSaysNothing) {
    for (const char* const value :
         {"", "soon", "-1", "-99999999999999999999999999", "1.5", "1s", " 1", "+1"})
        EXPECT_EQ(asked(value), std::nullopt) << value;
    EXPECT_EQ(retry_after(Headers(), Time()), std::nullopt);
}

}  // namespace
}  // namespace runs_agent::net
