// SPDX-License-Identifier: MIT
#include "base/clock.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace runs_agent {

namespace asio = boost::asio;

Time SystemClock::now() const {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now());
}

SteadyTime SystemClock::steady() const {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now());
}

asio::awaitable<void> SystemClock::sleep_until(Time when) {
    // A steady timer, so that a step of the wall clock cannot make one wait for hours.
    asio::steady_timer timer(co_await asio::this_coro::executor, when - now());
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

}  // namespace runs_agent
