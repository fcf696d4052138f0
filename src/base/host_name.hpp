// SPDX-License-Identifier: MIT
// One spelling for a host's name, wherever it comes from.
#pragma once

#include <string>
#include <string_view>

namespace runs_agent {

/// HOST or HOST:PORT as it is compared and stored: in lower case, without the root's dot at its end
/// and without the ports of http and https, which go without saying (RFC 3986 section 6.2.3,
/// RFC 4343). Anything else stays as it is.
std::string host_name(std::string_view told);

/// May it stand in a name as DNS and resolvers know them, in an address, or before a port?
bool is_host_character(char c);

}  // namespace runs_agent
