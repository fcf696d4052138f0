// SPDX-License-Identifier: MIT
#include "agent/action/doing/interrupt.hpp"

#include "tests/action/doing/step.hpp"

#include <gtest/gtest.h>

namespace runs_agent::agent::action {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

class Interrupt : public testing::Test {
protected:
    asio::awaitable<Outcome> work(std::chrono::milliseconds length) {
        co_await clock_.sleep_until(clock_.now() + length);
        Outcome done;
        done.ending = Ending::cancelled;
        co_return done;
    }
    asio::awaitable<std::string> signal(std::string name, std::chrono::milliseconds after) {
        co_await clock_.sleep_until(clock_.now() + after);
        co_return name;
    }
    Outcome run(std::chrono::milliseconds length, const std::string& name,
                std::chrono::milliseconds after) {
        began_ = clock_.now();
        said_.clear();
        return run_in_jumps(
            clock_, until_stopped(work(length), signal(name, after), clock_,
                                  [this](const std::string& text) { said_.push_back(text); }));
    }

    tests::ManualClock clock_;
    Time began_{};
    std::vector<std::string> said_;
};

TEST_F(Interrupt, WithoutASignalNothingIsSaid) {
    EXPECT_EQ(run(2s, "SIGINT", 1h).ending, Ending::cancelled);
    EXPECT_TRUE(said_.empty());
}

TEST_F(Interrupt, WhatWasBegunComesToItsEnd) {
    EXPECT_EQ(run(5s, "SIGINT", 1s).ending, Ending::cancelled);
    EXPECT_EQ(clock_.now() - began_, 5s);
    ASSERT_EQ(said_.size(), 1U);
    EXPECT_EQ(said_[0], "SIGINT: asked to stop; what was begun has another 5 s");
}

TEST_F(Interrupt, ButNotForLongerThanGitHubWaits) {
    const Outcome outcome = run(20s, "SIGINT", 1s);
    EXPECT_EQ(outcome.failure, Errc::stopping);
    EXPECT_EQ(outcome.ending, Ending::failed);
    EXPECT_NE(outcome.happened.find("stopped by SIGINT"), std::string::npos);
    EXPECT_EQ(clock_.now() - began_, 6s);
    EXPECT_LT(grace_after("SIGINT"), 7'500ms);
    EXPECT_LT(grace_after("SIGTERM"), 2'500ms);
}

TEST_F(Interrupt, NothingIsTriedAgainThen) {
    // Answers when it is cancelled, as a connection does.
    int asked = 0;
    const Retrier::Ask ask = [&]() -> asio::awaitable<Result<runs_api::Answer>> {
        ++asked;
        co_await clock_.sleep_until(Time::max());
        co_return fail(Errc::network, "Operation canceled");
    };
    RetryLimits limits;
    limits.one_try = 1h;
    limits.in_all = 1h;
    Retrier retrier(clock_, [this](const std::string& text) { said_.push_back(text); }, limits);
    const auto asking = [&]() -> asio::awaitable<Outcome> {
        const Result<runs_api::Answer> answer = co_await retrier.ask(ask, "it");
        co_return failed(answer.error());
    };
    const Outcome outcome = run_in_jumps(
        clock_, until_stopped(asking(), signal("SIGTERM", 1s), clock_, [](const auto&) {}));
    EXPECT_EQ(outcome.failure, Errc::stopping);
    EXPECT_EQ(asked, 1);
    EXPECT_TRUE(said_.empty());
}

}  // namespace
}  // namespace runs_agent::agent::action
