// SPDX-License-Identifier: MIT
// The Link header, by which GitHub says where the next page is.
#pragma once

#include "net/http_message.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace runs_agent::github {

/// The target of the first link with this relation ("next"), as it was written. A field that breaks
/// the grammar is read up to there. Source: RFC 8288 section 3.
std::optional<std::string> find_link(const net::Headers& headers, std::string_view relation);

}  // namespace runs_agent::github
