// SPDX-License-Identifier: MIT
#include "doctor/url.hpp"

#include "base/text.hpp"

namespace runs_agent::doctor {

namespace {

constexpr std::string_view hidden = "***";

struct Parts {
    std::string_view scheme;    // with "://"; empty: there is none
    std::string_view userinfo;  // with its '@'
    std::string_view host;      // and port
    std::string_view path;
    std::string_view query;  // with its '?'
};

bool is_port(std::string_view text) {
    const auto colon = text.rfind(':');
    return colon == std::string_view::npos || all_digits(text.substr(colon + 1)) ||
           text.ends_with(']') || colon + 1 == text.size();
}

Parts parts_of(std::string_view url) {
    Parts parts;
    if (const auto end = url.find("://"); end != std::string_view::npos) {
        parts.scheme = url.substr(0, end + 3);
        url.remove_prefix(end + 3);
    }
    auto end = url.substr(0, url.find_first_of("/?#")).rfind('@');
    // A password in which a '/', '?' or '#' was not escaped: what looks like a port is none.
    if (end == std::string_view::npos && !is_port(url.substr(0, url.find_first_of("/?#"))))
        end = url.rfind('@');
    if (end != std::string_view::npos) {
        parts.userinfo = url.substr(0, end + 1);
        url.remove_prefix(end + 1);
    }
    url = url.substr(0, url.find('#'));
    if (const auto at = url.find('?'); at != std::string_view::npos) {
        parts.query = url.substr(at);
        url = url.substr(0, at);
    }
    parts.host = url.substr(0, url.find('/'));
    parts.path = url.substr(parts.host.size());
    return parts;
}

/// As all who mean the same place write it.
std::string place_of(const Parts& parts) {
    const std::string scheme = lower(parts.scheme);
    std::string host = lower(parts.host);
    for (const std::string_view own : {scheme == "https://" ? ":443" : ":80", ":"})
        if (host.ends_with(own)) host.resize(host.size() - own.size());
    if (host.ends_with('.')) host.pop_back();
    std::string_view path = parts.path;
    while (path.ends_with('/')) path.remove_suffix(1);
    return scheme + host + std::string(path);
}

bool differ(std::string_view a, std::string_view b) {
    return !a.empty() && !b.empty() && a != b;
}

}  // namespace

std::string shown_url(std::string_view url) {
    const Parts parts = parts_of(url);
    std::string text(parts.scheme);
    if (!parts.userinfo.empty()) text += std::string(hidden) + "@";
    text += std::string(parts.host) + std::string(parts.path);
    if (parts.query.size() > 1) text += "?" + std::string(hidden);
    return text;
}

bool has_userinfo(std::string_view url) {
    return !parts_of(url).userinfo.empty();
}

bool is_same_place(std::string_view a, std::string_view b) {
    const Parts one = parts_of(a);
    const Parts other = parts_of(b);
    return place_of(one) == place_of(other) && !differ(one.userinfo, other.userinfo) &&
           !differ(one.query, other.query);
}

}  // namespace runs_agent::doctor
