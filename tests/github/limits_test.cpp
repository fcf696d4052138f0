// SPDX-License-Identifier: MIT
#include "github/limits.hpp"

#include <gtest/gtest.h>

namespace runs_agent::github {
namespace {

using namespace std::chrono_literals;
using Wait = std::optional<std::chrono::milliseconds>;

const Time now{1'767'225'600'400ms};
constexpr const char* secondary = "You have exceeded a secondary rate limit.";

net::HttpResponse response(int status, net::Headers headers = {}) {
    net::HttpResponse made;
    made.status = status;
    made.headers = std::move(headers);
    return made;
}

TEST(Limits, ReadsWhatGitHubSays) {
    struct Case {
        net::HttpResponse response;
        const char* message;
        Wait wait;
    };
    const Case cases[] = {
        {response(403), "Resource not accessible by integration", std::nullopt},
        {response(403, {{"x-ratelimit-remaining", "12"}, {"x-ratelimit-reset", "1767225700"}}),
         "Must have admin rights", std::nullopt},
        {response(403, {{"Retry-After", "30"}}), secondary, 30s},
        {response(429, {{"Retry-After", "30"}}), "", 30s},
        {response(429, {{"Retry-After", "0"}}), "", 1s},
        {response(429, {{"Retry-After", "99999999"}}), "", 1h},
        {response(429, {{"Retry-After", "99999999999999999999"}}), "", 1h},
        {response(403, {{"Retry-After", "Thu, 01 Jan 2026 00:00:10 GMT"}}), "", 9600ms},
        {response(403, {{"Retry-After", "Sat, 03 Jan 2026 00:00:00 GMT"}}), "", 1h},
        // Retry-After comes first.
        {response(403, {{"retry-after", "5"},
                        {"x-ratelimit-remaining", "0"},
                        {"x-ratelimit-reset", "1767225700"}}),
         "", 5s},
        {response(403, {{"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", "1767225700"}}),
         "API rate limit exceeded", 99600ms},
        {response(429, {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "1767225600"}}), "",
         1s},
        // A clock that is behind by hours.
        {response(403, {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "1767240000"}}), "",
         1h},
        {response(403,
                  {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "9223372036854775807"}}),
         "", 1h},
        {response(403), "You have exceeded a SECONDARY Rate Limit. Please wait", 60s},
        {response(403), "You have triggered an abuse detection mechanism.", 60s},
        {response(429), "Too Many Requests", 60s},
        {response(429, {{"Retry-After", "soon"}}), "", 60s},
        {response(403, {{"Retry-After", "-1"}}), secondary, 60s},
        {response(503, {{"Retry-After", "30"}}), "", std::nullopt},
        {response(404), secondary, std::nullopt},
        {response(200, {{"x-ratelimit-remaining", "1"}, {"x-ratelimit-reset", "1767225700"}}), "",
         std::nullopt},
    };
    for (const Case& each : cases) {
        Limits limits;
        EXPECT_EQ(limits.learn("b", each.response, each.message, now), each.wait) << each.message;
        EXPECT_EQ(limits.wait("b", now), each.wait.value_or(0ms));
    }
}

TEST(Limits, HoldUntilTheyAreOver) {
    Limits limits;
    EXPECT_EQ(limits.wait("a", now), 0ms);
    limits.learn("a", response(403, {{"Retry-After", "30"}}), "", now);
    EXPECT_EQ(limits.wait("a", now + 29s), 1s);
    EXPECT_EQ(limits.wait("a", now + 30s), 0ms);
    EXPECT_EQ(limits.wait("b", now), 0ms);
    // What was under way when the limit was hit says nothing of it, and cannot shorten it.
    limits.learn("a", response(200), "", now + 1s);
    limits.learn("a", response(403, {{"Retry-After", "2"}}), "", now + 1s);
    EXPECT_EQ(limits.wait("a", now + 10s), 20s);
}

TEST(Limits, TheLastRequestOfAWindowIsAnsweredButNoneComesAfter) {
    Limits limits;
    const auto last =
        response(200, {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "1767225700"}});
    EXPECT_EQ(limits.learn("a", last, "", now), std::nullopt);
    EXPECT_EQ(limits.wait("a", now), 99600ms);
}

TEST(Limits, ThatDoNotSayWhenTheyEndDoubleEachTimeInARow) {
    Limits limits;
    Time at = now;
    for (const auto expected : {60s, 120s, 240s, 480s, 960s, 960s}) {
        EXPECT_EQ(limits.learn("a", response(403), secondary, at), Wait(expected));
        // Requests that were under way together ran into the same one.
        EXPECT_EQ(limits.learn("a", response(403), secondary, at), Wait(expected));
        at += expected;
        EXPECT_EQ(limits.wait("a", at), 0ms);
    }
    limits.learn("a", response(404), "", at);  // says nothing of limits
    EXPECT_EQ(limits.learn("a", response(403), secondary, at), Wait(960s));
    at += 960s;
    limits.learn("a", response(200), "", at);
    EXPECT_EQ(limits.learn("a", response(403), secondary, at), Wait(60s));
}

TEST(Limits, AClockThatIsSetBackMakesNoLimitLonger) {
    Limits limits;
    limits.learn("a", response(429, {{"Retry-After", "30"}}), "", now);
    EXPECT_EQ(limits.wait("a", now + 10s), 20s);
    const Time back = now - 24h;
    EXPECT_EQ(limits.wait("a", back), 30s);
    EXPECT_EQ(limits.wait("a", back + 30s), 0s);
    // Another answer of the same limit does not bring the old time back.
    limits.learn("b", response(429, {{"Retry-After", "30"}}), "", now);
    limits.learn("b", response(429, {{"Retry-After", "10"}}), "", back);
    EXPECT_EQ(limits.wait("b", back), 30s);
}

}  // namespace
}  // namespace runs_agent::github
