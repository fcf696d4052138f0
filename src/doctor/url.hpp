// SPDX-License-Identifier: MIT
// Addresses that people gave, for findings: a password or token in one is never shown, and two that
// lead to the same place are the same however they are written. RFC 3986, sections 3.2 and 6.2.
#pragma once

#include <string>
#include <string_view>

namespace runs_agent::doctor {

/// For people and programs: "***" for a user's name and password, and for what follows a '?'. Also
/// of a text that is no URL.
std::string shown_url(std::string_view url);

/// Does it have a user's name or password before the host?
bool has_userinfo(std::string_view url);

/// Do both lead to the same place? Case of scheme and host, the scheme's own port, a fragment and
/// slashes at the path's end make no difference. Password and query are compared where both have
/// one: whoever is told an address need not be told these.
bool is_same_place(std::string_view a, std::string_view b);

}  // namespace runs_agent::doctor
