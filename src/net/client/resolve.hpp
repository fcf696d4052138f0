// SPDX-License-Identifier: MIT
// A host's addresses, asked of the system. That blocks a thread, which nothing can interrupt: so it
// has one of its own, left behind when its time is over. Asio's resolver would make the end of the
// io_context, and with it the program's, wait for that thread, and every other look-up too.
#pragma once

#include "base/error.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace runs_agent::net {

using Endpoints = std::vector<boost::asio::ip::tcp::endpoint>;

/// May block, on any thread, and be called by several at once.
using BlockingResolve = std::function<Result<Endpoints>(const std::string& host, std::uint16_t)>;

/// What getaddrinfo says. Errc::network.
Result<Endpoints> ask_the_system(const std::string& host, std::uint16_t port);

/// An address stands for itself; anything else is looked up. Errors: network, timeout.
boost::asio::awaitable<Result<Endpoints>> resolve(boost::asio::any_io_executor executor,
                                                  std::string host, std::uint16_t port,
                                                  std::chrono::steady_clock::time_point deadline,
                                                  BlockingResolve blocking = ask_the_system);

}  // namespace runs_agent::net
