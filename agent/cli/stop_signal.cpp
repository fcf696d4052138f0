// SPDX-License-Identifier: MIT
#include "agent/cli/stop_signal.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <csignal>

namespace runs_agent::agent {

namespace asio = boost::asio;

struct StopSignal::Signals {
    explicit Signals(const asio::any_io_executor& executor) : set(executor, SIGINT, SIGTERM) {}

    asio::signal_set set;
};

StopSignal::StopSignal(const asio::any_io_executor& executor)
    : signals_(std::make_shared<Signals>(executor)) {}

asio::awaitable<std::string> StopSignal::wait() {
    const auto signals = signals_;
    auto [failure, number] = co_await signals->set.async_wait(asio::as_tuple(asio::use_awaitable));
    // From here on the signals have their default effect again: impatience is understood.
    signals->set.clear();
    co_return number == SIGINT ? "SIGINT" : "SIGTERM";
}

}  // namespace runs_agent::agent
