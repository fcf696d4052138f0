// Small questions about text, in ASCII whatever the locale: protocols and identifiers are.
#pragma once

#include <string_view>

namespace runs_agent {

/// "A" to "Z" become small, all else stays.
constexpr char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// An empty part is in every text.
bool contains_ignoring_case(std::string_view text, std::string_view part);

}  // namespace runs_agent
