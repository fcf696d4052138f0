// SPDX-License-Identifier: MIT
#include "base/wakeup.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace runs_agent {

namespace asio = boost::asio;

namespace {

asio::awaitable<void> ring(asio::steady_timer& bell) {
    co_await bell.async_wait(asio::as_tuple(asio::use_awaitable));
}

}  // namespace

Wakeup::Wakeup(const asio::any_io_executor& executor)
    : bell_(executor, asio::steady_timer::time_point::max()) {}

void Wakeup::notify() {
    notified_ = true;
    bell_.cancel();
}

asio::awaitable<void> Wakeup::wait_until(Clock& clock, Time when) {
    using namespace asio::experimental::awaitable_operators;
    if (!notified_ && clock.now() < when) co_await (ring(bell_) || clock.sleep_until(when));
    notified_ = false;
}

asio::awaitable<void> Wakeup::wait_for(Clock& clock, std::chrono::milliseconds pause) {
    return wait_until(clock, clock.now() + pause);
}

}  // namespace runs_agent
