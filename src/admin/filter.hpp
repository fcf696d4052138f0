// SPDX-License-Identifier: MIT
// The one filter of the page, the HTTP API and the command line, as people write it:
// `repo:octo/* rule:R1 state:dead since:24h run:1001 branch:main`, and words that are looked for in
// the id and the names.
#pragma once

#include "base/error.hpp"
#include "store/by_people.hpp"

#include <string>
#include <string_view>

namespace runs_agent::admin {

/// Errc::bad_input says which part is wrong, and what can stand there. A value with blanks is put
/// in double quotes: `workflow:"end to end"`.
Result<store::DeliverySearch> parse_filter(std::string_view text, Time now);

/// Adds `key:value` in place of the one that is there; without a value, takes it away.
std::string with_term(std::string_view text, std::string_view key, std::string_view value);
/// The value of `key:`, as it is written; empty where it is not there.
std::string term_of(std::string_view text, std::string_view key);

/// "24h", "7d", "30m", or a time as ISO 8601 has it.
Result<Time> parse_moment(std::string_view text, Time now);

}  // namespace runs_agent::admin
