// SPDX-License-Identifier: MIT
#include "net/client/proxy.hpp"

#include "base/encoding.hpp"
#include "base/text.hpp"
#include "net/http_message.hpp"
#include "net/url.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>

namespace runs_agent::net {

namespace asio = boost::asio;
namespace urls = boost::urls;
using boost::system::error_code;

namespace {

constexpr std::uint16_t default_port = 80;

Error unusable(std::string_view why) {
    return fail(Errc::bad_input, "HTTPS_PROXY " + std::string(why) +
                                     "; write http://HOST:PORT or http://USER:PASSWORD@HOST:PORT, "
                                     "with special characters as %XX");
}

/// One entry of NO_PROXY, its port taken off.
struct Entry {
    std::string_view host;
    std::optional<std::uint16_t> port;
};

Entry read_entry(std::string_view text) {
    Entry entry{text, std::nullopt};
    const auto colon = text.rfind(':');
    if (text.front() == '[') {
        const auto close = text.find(']');
        if (close == std::string_view::npos) return entry;
        entry.host = text.substr(1, close - 1);
        if (colon == close + 1) entry.port = parse_port(text.substr(colon + 1));
    } else if (colon != std::string_view::npos && text.find(':') == colon) {
        entry.host = text.substr(0, colon);
        entry.port = parse_port(text.substr(colon + 1));
    }
    return entry;
}

bool in_network(std::string_view network, const asio::ip::address& address) {
    error_code wrong;
    if (address.is_v4()) {
        const auto range = asio::ip::make_network_v4(std::string(network), wrong);
        if (wrong) return false;
        const auto mask = range.netmask().to_uint();
        return (address.to_v4().to_uint() & mask) == (range.address().to_uint() & mask);
    }
    const auto range = asio::ip::make_network_v6(std::string(network), wrong);
    if (wrong) return false;
    const auto single = asio::ip::make_network_v6(address.to_v6(), range.prefix_length());
    return single.canonical() == range.canonical();
}

bool ends_with_ignoring_case(std::string_view text, std::string_view end) {
    return text.size() >= end.size() &&
           equals_ignoring_case(text.substr(text.size() - end.size()), end);
}

bool matches_name(std::string_view pattern, std::string_view host) {
    if (pattern.substr(0, 2) == "*.") pattern.remove_prefix(1);
    if (pattern.empty() || pattern == ".") return false;
    if (pattern.front() == '.') return ends_with_ignoring_case(host, pattern);
    if (equals_ignoring_case(pattern, host)) return true;
    const std::string below = "." + std::string(pattern);
    return ends_with_ignoring_case(host, below);
}

bool matches(const Entry& entry, std::string_view host,
             const std::optional<asio::ip::address>& address, std::uint16_t port) {
    if (entry.port && *entry.port != port) return false;
    if (entry.host == "*") return true;
    if (!address) return matches_name(entry.host, host);
    if (entry.host.find('/') != std::string_view::npos) return in_network(entry.host, *address);
    error_code not_an_address;
    const auto single = asio::ip::make_address(std::string(entry.host), not_an_address);
    return !not_an_address && single == *address;
}

}  // namespace

Result<std::optional<Proxy>> parse_proxy(std::string_view text) {
    std::optional<Proxy> none;
    if (text.empty()) return none;
    const std::string full = text.find("://") == std::string_view::npos
                                 ? "http://" + std::string(text)
                                 : std::string(text);
    const auto parsed = urls::parse_uri(full);
    if (parsed.has_error()) return unusable("cannot be read");
    const urls::url_view& url = *parsed;
    if (url.scheme_id() != urls::scheme::http) return unusable("is not an http:// address");
    if (url.host().empty()) return unusable("names no host");

    Proxy proxy;
    proxy.host = url.host_type() == urls::host_type::ipv6 ? url.host_address() : url.host();
    proxy.port = default_port;
    if (url.has_port() && !url.port().empty()) {
        const auto port = parse_port({url.port().data(), url.port().size()});
        if (!port) return unusable("has a port that is not between 1 and 65535");
        proxy.port = *port;
    }
    const auto path = url.encoded_path();
    if (!path.empty() && path != "/") return unusable("has something behind its port");
    if (parse_url("http://" + host_and_port(proxy.host, proxy.port)).has_error())
        return unusable("names a host that cannot be one");
    if (url.has_userinfo())
        proxy.authorization = "Basic " + to_base64(url.user() + ":" + url.password());
    return std::optional<Proxy>(std::move(proxy));
}

bool bypasses_proxy(std::string_view no_proxy, std::string_view host, std::uint16_t port) {
    return is_in_hosts(no_proxy, host, port);
}

bool is_in_hosts(std::string_view hosts, std::string_view host, std::uint16_t port) {
    error_code not_an_address;
    const auto parsed = asio::ip::make_address(std::string(host), not_an_address);
    std::optional<asio::ip::address> address;
    if (!not_an_address) address = parsed;
    if (!host.empty() && host.back() == '.') host.remove_suffix(1);  // a name's root

    constexpr std::string_view separators = ", \t\r\n";
    for (std::size_t begin = hosts.find_first_not_of(separators);
         begin != std::string_view::npos;) {
        const std::size_t end = std::min(hosts.find_first_of(separators, begin), hosts.size());
        if (matches(read_entry(hosts.substr(begin, end - begin)), host, address, port)) return true;
        begin = hosts.find_first_not_of(separators, end);
    }
    return false;
}

}  // namespace runs_agent::net
