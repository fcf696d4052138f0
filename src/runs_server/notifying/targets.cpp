// SPDX-License-Identifier: MIT
#include "runs_server/notifying/targets.hpp"

#include "base/host_name.hpp"
#include "base/text.hpp"
#include "net/client/proxy.hpp"
#include "net/client/public_address.hpp"
#include "net/url.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include <algorithm>
#include <optional>

namespace runs_agent::runs_server {

namespace ip = boost::asio::ip;
using boost::system::error_code;

namespace {

bool is_address(std::string_view text) {
    error_code none;
    ip::make_address(std::string(text), none);
    return !none;
}

bool is_network(std::string_view text) {
    error_code none;
    ip::make_network_v4(std::string(text), none);
    if (!none) return true;
    ip::make_network_v6(std::string(text), none);
    return !none;
}

bool is_name(std::string_view text) {
    if (text.starts_with("*.")) text.remove_prefix(2);
    if (text.starts_with('.')) text.remove_prefix(1);
    // What is all digits and dots was meant for an address, and is none.
    return !text.empty() && std::all_of(text.begin(), text.end(), is_host_character) &&
           text.find(':') == std::string_view::npos &&
           !std::all_of(text.begin(), text.end(), [](char c) { return is_digit(c) || c == '.'; });
}

/// Without its port; empty where that is none.
std::string_view without_port(std::string_view entry) {
    const auto colon = entry.rfind(':');
    if (entry.starts_with('[')) {
        const auto close = entry.find(']');
        if (close == std::string_view::npos) return {};
        const std::string_view rest = entry.substr(close + 1);
        const bool fit = rest.empty() || (rest[0] == ':' && net::parse_port(rest.substr(1)));
        return fit ? entry.substr(1, close - 1) : std::string_view();
    }
    if (colon == std::string_view::npos || entry.find(':') != colon) return entry;
    return net::parse_port(entry.substr(colon + 1)) ? entry.substr(0, colon) : std::string_view();
}

bool is_entry(std::string_view entry) {
    const std::string_view host = without_port(entry);
    return host == "*" || is_address(host) || is_network(host) || is_name(host);
}

}  // namespace

Result<HookTargets> HookTargets::parse(std::string_view allowed) {
    HookTargets targets;
    targets.allowed_ = allowed;
    while (!allowed.empty()) {
        const std::string_view entry = trimmed(allowed.substr(0, allowed.find(',')));
        allowed.remove_prefix(std::min(allowed.size(), allowed.find(',')));
        if (!allowed.empty()) allowed.remove_prefix(1);
        if (!entry.empty() && !is_entry(entry))
            return fail(Errc::bad_input,
                        "RUNS_AGENT_API_WEBHOOKS_ALLOW: \"" + std::string(entry) +
                            "\" is no host, address or network; write them between commas, such as "
                            "hooks.internal,10.0.0.0/8,127.0.0.1:9000, or * for all");
    }
    return targets;
}

bool HookTargets::may_connect(const std::string& host, const ip::address& address,
                              std::uint16_t port) const {
    if (net::is_in_hosts(allowed_, host, port)) return true;
    const ip::address plain = net::unmapped(address);
    if (net::is_in_hosts(allowed_, plain.to_string(), port)) return true;
    return net::is_public(plain) && !net::is_own(plain);
}

bool HookTargets::may_name(const std::string& host, std::uint16_t port) const {
    if (net::is_in_hosts(allowed_, host, port)) return true;
    error_code not_an_address;
    const ip::address address = ip::make_address(host, not_an_address);
    if (!not_an_address) return may_connect(host, address, port);
    // RFC 6761 section 6.3. It may be allowed by its address.
    std::string_view name = host;
    if (name.ends_with('.')) name.remove_suffix(1);
    const bool is_local = name == "localhost" || name.ends_with(".localhost");
    return !is_local || net::is_in_hosts(allowed_, "127.0.0.1", port) ||
           net::is_in_hosts(allowed_, "::1", port);
}

}  // namespace runs_agent::runs_server
