// SPDX-License-Identifier: MIT
#include "net/listen_address.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace runs_agent::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

Result<tcp::endpoint> parse_listen_address(std::string_view text) {
    const auto colon = text.rfind(':');
    const std::string_view digits = colon == std::string_view::npos ? "" : text.substr(colon + 1);
    const auto port = parse_number<unsigned short>(digits);
    std::string address(text.substr(0, std::min(colon, text.size())));
    if (address == "localhost") address = "127.0.0.1";
    if (address.size() > 2 && address.front() == '[' && address.back() == ']')
        address = address.substr(1, address.size() - 2);
    error_code bad;
    const auto ip = asio::ip::make_address(address, bad);
    if (!port || bad)
        return fail(Errc::bad_input, "\"" + std::string(text) +
                                         "\" is not an address to listen on; write ADDRESS:PORT, "
                                         "such as 127.0.0.1:8080 or [::1]:8080");
    return tcp::endpoint(ip, *port);
}

std::string to_text(const tcp::endpoint& endpoint) {
    const std::string address = endpoint.address().to_string();
    const std::string port = std::to_string(endpoint.port());
    return endpoint.address().is_v6() ? "[" + address + "]:" + port : address + ":" + port;
}

}  // namespace runs_agent::net
