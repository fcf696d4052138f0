// SPDX-License-Identifier: MIT
// Addresses to listen on, as people write them.
#pragma once

#include "base/error.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <string>
#include <string_view>

namespace runs_agent::net {

/// Reads ADDRESS:PORT, [IPv6]:PORT or localhost:PORT; no other names. Errc::bad_input.
Result<boost::asio::ip::tcp::endpoint> parse_listen_address(std::string_view text);

/// The same form again.
std::string to_text(const boost::asio::ip::tcp::endpoint& endpoint);

}  // namespace runs_agent::net
