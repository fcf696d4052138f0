// SPDX-License-Identifier: MIT
// When a peer wants to be asked again.
#pragma once

#include "base/clock.hpp"
#include "net/http_message.hpp"

#include <chrono>
#include <optional>

namespace runs_agent::net {

/// What the field Retry-After asks for (RFC 9110 section 10.2.3), in seconds or as a date: from now
/// to a week. Who asks for more has made a mistake. Absent where there is none, or neither of both.
std::optional<std::chrono::milliseconds> retry_after(const Headers& headers, Time now);

}  // namespace runs_agent::net
