// SPDX-License-Identifier: MIT
// Times as text, the way GitHub and the Runs API write them (RFC 3339, UTC).
#pragma once

#include "base/time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace runs_agent {

/// "2026-11-23T10:20:30.004Z": always UTC, always milliseconds.
std::string to_iso8601(Time time);

/// Reads RFC 3339 with "Z" or a numeric offset and any number of decimals; absent if it is not.
std::optional<Time> parse_iso8601(std::string_view text);

/// "Sun, 06 Nov 1994 08:49:37 GMT", as HTTP has it (RFC 9110 section 5.6.7).
std::string to_http_date(Time time);

/// Reads an HTTP date as RFC 9110 section 5.6.7 has it ("Sun, 06 Nov 1994 08:49:37 GMT").
std::optional<Time> parse_http_date(std::string_view text);

/// A duration for people: "340 ms", "2.5 s", "3 min 20 s", "2 h 5 min".
std::string to_words(std::chrono::milliseconds duration);

}  // namespace runs_agent
