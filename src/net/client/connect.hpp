// SPDX-License-Identifier: MIT
// From a host's name to an open TCP connection, within one time-out for all of it.
#pragma once

#include "base/error.hpp"
#include "net/client/http_client.hpp"
#include "net/client/resolve.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <string>

namespace runs_agent::net {

/// Takes those away that may not be connected to, where that is asked; of many it keeps none but
/// the first few. Errc::refused where none is left.
Result<void> keep_allowed(Endpoints& endpoints, const std::string& host,
                          const MayConnect& may_connect);

/// Looks `host` up and tries its addresses in turn: those that `may_connect`, where there is one,
/// allows. Errors: refused where it allows none, network, timeout.
boost::asio::awaitable<Result<boost::asio::ip::tcp::socket>> connect(
    boost::asio::any_io_executor executor, std::string host, std::uint16_t port,
    std::chrono::steady_clock::time_point deadline, MayConnect may_connect = {});

}  // namespace runs_agent::net
