// SPDX-License-Identifier: MIT
#include "base/text.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace runs_agent {

namespace {

bool same_letter(char a, char b) {
    return lower(a) == lower(b);
}

}  // namespace

std::string lower(std::string_view text) {
    std::string small(text);
    for (char& c : small) c = lower(c);
    return small;
}

bool all_digits(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

bool is_visible_ascii(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return is_visible_ascii(c); });
}

bool is_ascii(std::string_view text) {
    // Eight bytes at a time: a body of megabytes is looked at before it is parsed.
    constexpr std::uint64_t high_bits = 0x8080808080808080U;
    std::uint64_t all = 0;
    std::uint64_t eight = 0;
    for (; text.size() >= sizeof eight; text.remove_prefix(sizeof eight)) {
        std::memcpy(&eight, text.data(), sizeof eight);
        all |= eight;
    }
    eight = 0;
    std::memcpy(&eight, text.data(), text.size());
    return ((all | eight) & high_bits) == 0;
}

std::string_view trimmed(std::string_view text, std::string_view blank) {
    const auto first = text.find_first_not_of(blank);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), same_letter);
}

bool contains_ignoring_case(std::string_view text, std::string_view part) {
    return part.empty() || std::search(text.begin(), text.end(), part.begin(), part.end(),
                                       same_letter) != text.end();
}

}  // namespace runs_agent
