// SPDX-License-Identifier: MIT
#include "net/server/turns.hpp"

#include "tests/run_awaitable.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include <algorithm>

namespace runs_agent::net {
namespace {

namespace asio = boost::asio;

class TurnsTest : public testing::Test {
protected:
    asio::awaitable<void> take_turns(int count) {
        for (int i = 0; i < count; ++i) {
            co_await turns_->wait();
            ++taken_;
        }
    }

    /// The most turns that were taken while somebody else had one step.
    asio::awaitable<std::size_t> watch(std::size_t all) {
        std::size_t most = 0;
        while (taken_ < all) {
            const std::size_t before = taken_;
            co_await asio::post(context_, asio::use_awaitable);
            most = std::max(most, taken_ - before);
        }
        co_return most;
    }

    asio::io_context context_;
    std::shared_ptr<Turns> turns_ = std::make_shared<Turns>(context_.get_executor());
    std::size_t taken_ = 0;
};

TEST_F(TurnsTest, BetweenAFewOfThoseWhoWaitEverybodyElseHasAStep) {
    for (int i = 0; i < 300; ++i) asio::co_spawn(context_, take_turns(5), asio::detached);
    const std::size_t most = tests::run(context_, watch(1500));
    EXPECT_EQ(taken_, 1500U);
    EXPECT_GT(most, 1U);
    EXPECT_LE(most, Turns::few);
}

TEST_F(TurnsTest, WhoComesWhenAllHaveHadTheirTurnHasOne) {
    for (std::size_t once = 1; once <= 3; ++once) {
        asio::co_spawn(context_, take_turns(1), asio::detached);
        tests::run(context_, watch(once));
        EXPECT_EQ(taken_, once);
    }
}

}  // namespace
}  // namespace runs_agent::net
