// SPDX-License-Identifier: MIT
// Texts as PostgreSQL takes them.
#pragma once

#include <string>
#include <string_view>

namespace runs_agent::postgres {

/// The text with what is no UTF-8, and NUL, replaced by U+FFFD: PostgreSQL refuses both
/// (https://www.postgresql.org/docs/15/datatype-character.html), and what a service answered, or a
/// webhook said, must be kept all the same. The same bytes always become the same text.
std::string storable(std::string_view text);

/// The same, between quotes, as an element of an array's literal.
/// https://www.postgresql.org/docs/15/arrays.html#ARRAYS-IO
std::string quoted_element(std::string_view text);

}  // namespace runs_agent::postgres
