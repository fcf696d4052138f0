// SPDX-License-Identifier: MIT
// Small questions about text, as in base/text.hpp, which decide must not know: it knows the
// standard library only. Internal to decide/.
#pragma once

#include <string>
#include <string_view>

namespace runs_agent::decide {

/// "A" to "Z" become small, all else stays: case does not count in GitHub's names.
constexpr char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
inline std::string lower(std::string_view text) {
    std::string small(text);
    for (char& c : small) c = lower(c);
    return small;
}

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
constexpr bool is_letter(char c) {
    return lower(c) >= 'a' && lower(c) <= 'z';
}

/// Without the blanks and line ends around it.
inline std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blank = " \t\r\n";
    const auto first = text.find_first_not_of(blank);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

}  // namespace runs_agent::decide
