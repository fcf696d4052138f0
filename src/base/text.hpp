// SPDX-License-Identifier: MIT
// Small questions about text, in ASCII whatever the locale: protocols and identifiers are.
#pragma once

#include <charconv>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace runs_agent {

/// "A" to "Z" become small, all else stays.
constexpr char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
std::string lower(std::string_view text);

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
constexpr bool is_letter(char c) {
    return lower(c) >= 'a' && lower(c) <= 'z';
}
constexpr bool is_letter_or_digit(char c) {
    return is_letter(c) || is_digit(c);
}
/// False where it is empty.
bool all_digits(std::string_view text);

/// Of a hexadecimal digit in either case; -1: it is none.
constexpr int hex_value(char c) {
    if (is_digit(c)) return c - '0';
    const char small = lower(c);
    return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

/// A space is not visible.
constexpr bool is_visible_ascii(char c) {
    return c > ' ' && c <= '~';
}
/// False where it is empty. What is not could begin a header of its own.
bool is_visible_ascii(std::string_view text);

/// Has it no byte over 0x7f? An empty text has none.
bool is_ascii(std::string_view text);

/// Without the characters of `blank` at its ends; a view into `text`.
std::string_view trimmed(std::string_view text, std::string_view blank = " \t\r\n");

bool equals_ignoring_case(std::string_view a, std::string_view b);
/// An empty part is in every text.
bool contains_ignoring_case(std::string_view text, std::string_view part);

/// The whole text as a decimal number, a minus before it where N is signed; absent where it is
/// anything else, or too large for N.
template <std::integral N>
std::optional<N> parse_number(std::string_view digits) {
    N number = 0;
    const char* const first = digits.data();
    const char* const last = first + digits.size();
    const auto [end, failed] = std::from_chars(first, last, number);
    if (failed != std::errc() || end != last) return std::nullopt;
    return number;
}

}  // namespace runs_agent
