// SPDX-License-Identifier: MIT
#include "agent/action/doing/retry.hpp"

#include "tests/action/doing/step.hpp"

#include <gtest/gtest.h>

#include <tuple>

namespace runs_agent::agent::action {
namespace {

using namespace std::chrono_literals;
using runs_api::Answer;

Result<Answer> status(int code, std::optional<std::chrono::milliseconds> retry_after = {}) {
    Answer answer;
    answer.status = code;
    answer.retry_after = retry_after;
    return answer;
}

TEST(WaitBeforeNext, OnlyWhereItMayHelp) {
    for (const int code : {408, 425, 429, 500, 502, 503, 504})
        EXPECT_TRUE(wait_before_next(status(code), 1, 25s, 0).has_value()) << code;
    for (const int code : {200, 302, 400, 401, 402, 403, 404, 409, 422, 501, 505, 520, 524})
        EXPECT_FALSE(wait_before_next(status(code), 1, 25s, 0).has_value()) << code;
    for (const Errc code : {Errc::network, Errc::timeout, Errc::tls})
        EXPECT_TRUE(wait_before_next(fail(code, "x"), 1, 25s, 0).has_value());
    for (const Errc code : {Errc::bad_input, Errc::refused, Errc::too_large})
        EXPECT_FALSE(wait_before_next(fail(code, "x"), 1, 25s, 0).has_value());
}

TEST(WaitBeforeNext, GrowsUpToABound) {
    EXPECT_EQ(wait_before_next(status(503), 1, 25s, 0), 250ms);
    EXPECT_EQ(wait_before_next(status(503), 1, 25s, 0.5), 375ms);
    EXPECT_EQ(wait_before_next(status(503), 3, 25s, 0), 1000ms);
    EXPECT_EQ(wait_before_next(status(503), 1000, 25s, 0.999), 3998ms);
}

TEST(WaitBeforeNext, ObeysRetryAfterAndTheBound) {
    EXPECT_EQ(wait_before_next(status(429, 7s), 1, 25s, 0), 7s);
    EXPECT_EQ(wait_before_next(status(429, 0s), 1, 25s, 0), 250ms);
    EXPECT_FALSE(wait_before_next(status(429, 30s), 1, 25s, 0).has_value());
    EXPECT_FALSE(wait_before_next(status(503), 1, 250ms, 0).has_value());
}

class RetrierTest : public testing::Test {
protected:
    Result<Answer> ask(Retrier::Ask ask) {
        return run_in_jumps(clock_, retrier_.ask(std::move(ask), "PUT /x"));
    }

    tests::ManualClock clock_;
    Time began_ = clock_.now();
    std::vector<std::string> said_;
    std::vector<Time> asked_;
    Retrier retrier_{clock_, [this](const std::string& text) { said_.push_back(text); }};
};

TEST_F(RetrierTest, TheFirstRequestLeavesAtOnce) {
    const auto answer = ask([&]() -> boost::asio::awaitable<Result<Answer>> {
        asked_.push_back(clock_.now());
        co_return status(200);
    });
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(asked_, std::vector<Time>{began_});
    EXPECT_TRUE(said_.empty());
}

TEST_F(RetrierTest, GivesUpWithinItsTime) {
    const auto answer = ask([&]() -> boost::asio::awaitable<Result<Answer>> {
        asked_.push_back(clock_.now());
        co_return status(503);
    });
    EXPECT_EQ(answer->status, 503);
    EXPECT_GT(asked_.size(), 5U);
    EXPECT_LE(clock_.now() - began_, 25s);
    EXPECT_GT(clock_.now() - began_, 20s);
    ASSERT_EQ(said_.size(), asked_.size() - 1);
    EXPECT_EQ(said_[0].rfind("PUT /x: 503; again in ", 0), 0U) << said_[0];
}

TEST_F(RetrierTest, AServiceThatHangsIsLeftAndAskedAgain) {
    const auto answer = ask([&]() -> boost::asio::awaitable<Result<Answer>> {
        asked_.push_back(clock_.now());
        co_await clock_.sleep_until(clock_.now() + 1h);
        co_return status(200);
    });
    ASSERT_TRUE(answer.has_error());
    EXPECT_EQ(answer.error().code, Errc::timeout);
    EXPECT_EQ(asked_.size(), 3U);
    EXPECT_EQ(clock_.now() - began_, 25s);
}

TEST_F(RetrierTest, TheTimeIsForAllRequestsTogether) {
    std::ignore = ask([&]() -> boost::asio::awaitable<Result<Answer>> {
        co_await clock_.sleep_until(began_ + 1h);
        co_return status(200);
    });
    const auto answer = ask([&]() -> boost::asio::awaitable<Result<Answer>> {
        asked_.push_back(clock_.now());
        co_return status(200);
    });
    EXPECT_TRUE(answer.has_error());
    EXPECT_TRUE(asked_.empty());
}

}  // namespace
}  // namespace runs_agent::agent::action
