// SPDX-License-Identifier: MIT
#include "base/wakeup.hpp"

#include "tests/manual_clock.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

namespace runs_agent {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

class WakeupTest : public testing::Test {
protected:
    void wait(asio::awaitable<void> waiting) {
        done_ = false;
        asio::co_spawn(context_, std::move(waiting), [this](std::exception_ptr) { done_ = true; });
        work();
    }
    bool work() {
        context_.restart();
        context_.poll();
        return done_;
    }

    tests::ManualClock clock_;
    asio::io_context context_;
    Wakeup wakeup_{context_.get_executor()};
    bool done_ = false;
};

TEST_F(WakeupTest, WaitsAsLongHoweverTheTimeOfDaySteps) {
    for (const std::chrono::hours step : {-10h, 10h}) {
        wait(wakeup_.wait_for(clock_, 5min));
        clock_.step(step);
        clock_.advance(5min - 1ms);
        EXPECT_FALSE(work()) << step.count();
        clock_.advance(1ms);
        EXPECT_TRUE(work()) << step.count();
    }
    wait(wakeup_.wait_until(clock_, clock_.now() + 5min));
    clock_.step(-10h);
    clock_.advance(5min);
    EXPECT_TRUE(work());
}

TEST_F(WakeupTest, ARingEndsTheWaitOrTheNextOne) {
    wait(wakeup_.wait_for(clock_, 1h));
    EXPECT_FALSE(done_);
    wakeup_.notify();
    EXPECT_TRUE(work());
    wakeup_.notify();
    wait(wakeup_.wait_for(clock_, 1h));
    EXPECT_TRUE(done_);
    wait(wakeup_.wait_for(clock_, 1h));
    EXPECT_FALSE(done_) << "one ring ends one wait";
    clock_.advance(1h);
    EXPECT_TRUE(work());
    wait(wakeup_.wait_for(clock_, 0ms));
    EXPECT_TRUE(done_);
}

TEST(SystemClockTest, ItsSteadyReadingGoesOn) {
    const SystemClock clock;
    const auto floor = [] {
        return std::chrono::floor<std::chrono::milliseconds>(std::chrono::steady_clock::now());
    };
    const SteadyTime before = floor();
    const SteadyTime read = clock.steady();
    EXPECT_GE(read, before);
    EXPECT_LE(read, floor()) << "it is not the time of day";
    EXPECT_GE(clock.steady(), read);
}

}  // namespace
}  // namespace runs_agent
