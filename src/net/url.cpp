// SPDX-License-Identifier: MIT
#include "net/url.hpp"

#include "base/host_name.hpp"
#include "base/text.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>

namespace runs_agent::net {

namespace urls = boost::urls;

namespace {

constexpr std::uint16_t http_port = 80;
constexpr std::uint16_t https_port = 443;

/// Names as DNS and resolvers know them, and IP addresses; escapes are decoded already.
bool is_host(std::string_view host) {
    return !host.empty() && std::all_of(host.begin(), host.end(), is_host_character);
}

std::string lower_host(const urls::url_view& url) {
    return lower(url.host_type() == urls::host_type::ipv6 ? url.host_address() : url.host());
}

/// ` "text"` where it can be shown: printable and without an '@', before which a password may
/// stand.
std::string shown_url(std::string_view text) {
    constexpr std::size_t longest = 200;
    const bool printable = is_visible_ascii(text) && text.find('@') == std::string_view::npos;
    if (!printable || text.size() > longest) return {};
    return " \"" + std::string(text) + "\"";
}

Error not_a_url(std::string_view text, std::string_view why) {
    return fail(Errc::bad_input, "the URL" + shown_url(text) + " " + std::string(why) +
                                     "; write https://HOST[:PORT]/PATH");
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
    const auto parsed = urls::parse_uri({text.data(), text.size()});
    if (parsed.has_error()) return not_a_url(text, "cannot be read");
    const urls::url_view& view = *parsed;

    Url url;
    url.scheme = view.scheme_id() == urls::scheme::https  ? "https"
                 : view.scheme_id() == urls::scheme::http ? "http"
                                                          : "";
    if (url.scheme.empty()) return not_a_url(text, "is neither http nor https");
    if (view.has_userinfo())
        return fail(Errc::bad_input,
                    "the URL holds a user name or password; give a key by its own setting instead");
    url.host = lower_host(view);
    if (!is_host(url.host)) return not_a_url(text, "names no host");
    url.port = url.scheme == "https" ? https_port : http_port;
    // Not port_number(): in Boost 1.81 it wraps around past 65535.
    if (view.has_port() && !view.port().empty()) {
        const auto port = parse_port({view.port().data(), view.port().size()});
        if (!port) return not_a_url(text, "has a port that is not between 1 and 65535");
        url.port = *port;
    }
    const auto path = view.encoded_path();
    // Boost 1.81 takes what follows the digits of a port for a path.
    if (!path.empty() && path.front() != '/')
        return not_a_url(text, "has a port that is no number");
    url.target = path.empty() ? "/" : std::string(path.data(), path.size());
    if (view.has_query()) {
        const auto query = view.encoded_query();
        url.target += '?';
        url.target.append(query.data(), query.size());
    }
    return url;
}

std::optional<std::uint16_t> parse_port(std::string_view digits) {
    const auto port = parse_number<std::uint16_t>(digits);
    return port == 0 ? std::nullopt : port;
}

std::string host_and_port(std::string_view host, std::uint16_t port) {
    std::string text = host.find(':') == std::string_view::npos ? std::string(host)
                                                                : "[" + std::string(host) + "]";
    return text + ":" + std::to_string(port);
}

std::string host_field(const Url& url) {
    std::string text = host_and_port(url.host, url.port);
    if (url.port == (url.scheme == "https" ? https_port : http_port)) text.resize(text.rfind(':'));
    return text;
}

}  // namespace runs_agent::net
