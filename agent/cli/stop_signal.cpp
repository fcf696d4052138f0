// SPDX-License-Identifier: MIT
#include "agent/cli/stop_signal.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <csignal>

namespace runs_agent::agent {

namespace asio = boost::asio;

asio::awaitable<std::string> stop_signal() {
    asio::signal_set signals(co_await asio::this_coro::executor, SIGINT, SIGTERM);
    auto [failure, number] = co_await signals.async_wait(asio::as_tuple(asio::use_awaitable));
    // From here on the signals have their default effect again: impatience is understood.
    signals.clear();
    co_return number == SIGINT ? "SIGINT" : "SIGTERM";
}

}  // namespace runs_agent::agent
