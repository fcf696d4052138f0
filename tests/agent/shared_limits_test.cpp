// SPDX-License-Identifier: MIT
// What one process was told of GitHub's limits, another that shares the store heeds.
#include "agent/daemon/shared_limits.hpp"

#include "github/client.hpp"
#include "github/credentials.hpp"
#include "store/sqlite_store.hpp"
#include "tests/captured_log.hpp"
#include "tests/manual_clock.hpp"
#include "tests/run_awaitable.hpp"
#include "tests/scripted_transport.hpp"
#include "tests/temp_dir.hpp"

#include <gtest/gtest.h>

namespace runs_agent::agent {
namespace {

using namespace std::chrono_literals;
using tests::answer;

constexpr const char* api = "https://api.github.com";

class SharedLimitsTest : public testing::Test {
protected:
    /// A process with that token.
    struct Process {
        Process(SharedLimitsTest& test, std::string token)
            : credentials([token = std::move(token)]() -> Result<std::string> { return token; }),
              client(test.transport_, test.clock_, api, credentials),
              limits(api, *test.store_, test.clock_, test.log_.log()) {
            client.share(limits);
        }
        /// The status; 0: it was answered with what is no repository.
        int ask() {
            const auto answer = tests::run(client.get_repository("octo/shop"));
            return answer.has_error() ? 0 : answer->status;
        }

        github::TokenCredentials credentials;
        github::GitHubClient client;
        SharedLimits limits;
    };

    tests::ManualClock clock_;
    tests::CapturedLog log_{clock_, LogLevel::warning};
    tests::TempDir dir_;
    std::unique_ptr<store::Store> store_ = store::open_sqlite_store(dir_.file("a.db")).value();
    int asked_ = 0;
    net::HttpResponse next_ = answer(200, "{}");
    tests::ScriptedTransport transport_{[this](const net::HttpRequest&) {
        ++asked_;
        return Result<net::HttpResponse>(next_);
    }};
};

TEST_F(SharedLimitsTest, NobodyAsksUntilItIsOver) {
    Process one(*this, "token-of-both");
    Process other(*this, "token-of-both");
    Process third(*this, "another-token");
    next_ = answer(429, R"({"message":"You have exceeded a secondary rate limit"})");
    next_.headers.add("Retry-After", "60");
    EXPECT_EQ(one.ask(), 429);
    next_ = answer(200, "{}");
    clock_.advance(59s);
    EXPECT_EQ(other.ask(), 429);
    EXPECT_EQ(asked_, 1);
    third.ask();
    EXPECT_EQ(asked_, 2) << "that token's limit is none of this one's business";
    clock_.advance(1s);
    other.ask();
    EXPECT_EQ(asked_, 3);
}

TEST_F(SharedLimitsTest, AlsoWhereTheLastRequestOfAWindowWasAnswered) {
    Process one(*this, "token-of-both");
    Process other(*this, "token-of-both");
    const auto reset = clock_.now() + 10min;
    next_.headers.add("X-RateLimit-Remaining", "0");
    next_.headers.add(
        "X-RateLimit-Reset",
        std::to_string(std::chrono::floor<std::chrono::seconds>(reset).time_since_epoch().count()));
    one.ask();
    EXPECT_EQ(other.ask(), 429);
    EXPECT_EQ(asked_, 1);
}

TEST(RunsApiService, IsToldByAddressAndKeyAndHoldsNeither) {
    const std::string one = runs_api_service("https://api.test/v1", std::string("sk-4711"));
    EXPECT_EQ(one, runs_api_service("https://api.test/v1", std::string("sk-4711")));
    EXPECT_NE(one, runs_api_service("https://api.test/v1", std::string("sk-4712")));
    EXPECT_NE(one, runs_api_service("https://other.test/v1", std::string("sk-4711")));
    EXPECT_NE(one, runs_api_service("https://api.test/v1", fail(Errc::io, "no file")));
    EXPECT_TRUE(one.starts_with(store::runs_api_service)) << "a replay lifts it by that";
    EXPECT_EQ(one.find("4711"), std::string::npos);
}

}  // namespace
}  // namespace runs_agent::agent
