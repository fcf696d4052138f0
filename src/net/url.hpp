// SPDX-License-Identifier: MIT
// The absolute URLs our client is given, taken apart and checked.
#pragma once

#include "base/error.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace runs_agent::net {

struct Url {
    std::string scheme;  // "http" or "https"
    std::string host;    // in lower case; an IPv6 address without its brackets
    std::uint16_t port = 0;
    std::string target;  // path and query as they go on the wire, at least "/"
};

/// Reads an http or https URL (RFC 3986). A fragment is dropped. Errc::bad_input where it is not
/// one, or holds a user name or password, which belong in a header; these are never repeated in
/// the message.
Result<Url> parse_url(std::string_view text);

/// A port's decimal digits, 1 to 65535.
std::optional<std::uint16_t> parse_port(std::string_view digits);

/// "host:port", with brackets around an IPv6 address.
std::string host_and_port(std::string_view host, std::uint16_t port);

/// The Host field: as host_and_port, without the scheme's own port (RFC 9110 section 7.2).
std::string host_field(const Url& url);

}  // namespace runs_agent::net
