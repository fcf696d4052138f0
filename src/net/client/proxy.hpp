// SPDX-License-Identifier: MIT
// The way to an https host through a CONNECT proxy (RFC 9110 section 9.3.6): what HTTPS_PROXY and
// NO_PROXY say. The password of a proxy is in no error.
#pragma once

#include "base/error.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace runs_agent::net {

struct Proxy {
    std::string host;
    std::uint16_t port = 0;
    std::string authorization;  // the Proxy-Authorization field, "Basic …"; empty: none
};

/// Reads HTTPS_PROXY: [http://][user:password@]host[:port], escapes decoded in user and password,
/// port 80 where there is none. Absent where `text` is empty.
Result<std::optional<Proxy>> parse_proxy(std::string_view text);

/// Does NO_PROXY let `host` (a name or an address, as in Url) go without a proxy? Entries are
/// separated by commas or spaces: "*" all; "example.dev" that name and all below; ".example.dev"
/// and
/// "*.example.dev" only those below; "10.0.0.1", "::1" an address; "10.0.0.0/8" a network; each
/// with ":port" (an IPv6 address then in brackets) only for that port. Names are not resolved.
bool bypasses_proxy(std::string_view no_proxy, std::string_view host, std::uint16_t port);

/// The same question of any list of hosts that is written as NO_PROXY is.
bool is_in_hosts(std::string_view hosts, std::string_view host, std::uint16_t port);

}  // namespace runs_agent::net
