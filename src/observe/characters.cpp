// SPDX-License-Identifier: MIT
#include "observe/characters.hpp"

#include <algorithm>
#include <array>

namespace runs_agent {

namespace {

struct Range {
    char32_t first;
    char32_t last;
};

/// In order.
constexpr std::array unfit{
    Range{0x0000, 0x001f},    // control characters
    Range{0x007f, 0x009f},    // DEL, and C1: among them the start of a terminal's commands
    Range{0x00ad, 0x00ad},    // soft hyphen
    Range{0x034f, 0x034f},    // combining grapheme joiner
    Range{0x061c, 0x061c},    // Arabic letter mark
    Range{0x115f, 0x1160},    // Hangul fillers
    Range{0x17b4, 0x17b5},    // Khmer vowels that are not shown
    Range{0x180b, 0x180f},    // Mongolian selectors and vowel separator
    Range{0x200b, 0x200f},    // zero width, and marks of direction
    Range{0x2028, 0x202e},    // line separators, embeddings and overrides of direction
    Range{0x2060, 0x206f},    // word joiner, invisible operators, isolates
    Range{0x3164, 0x3164},    // Hangul filler
    Range{0xfe00, 0xfe0f},    // variation selectors
    Range{0xfeff, 0xfeff},    // byte order mark
    Range{0xffa0, 0xffa0},    // halfwidth Hangul filler
    Range{0xfff0, 0xfffb},    // not assigned, and marks of notes
    Range{0x1bca0, 0x1bca3},  // shorthand format controls
    Range{0x1d173, 0x1d17a},  // musical format controls
    Range{0xe0000, 0xe0fff},  // tags, and more variation selectors
};

void put_unit(std::string& text, char32_t unit) {
    constexpr std::string_view digits = "0123456789abcdef";
    text += "\\u";
    for (const unsigned shift : {12U, 8U, 4U, 0U}) text += digits[(unit >> shift) & 0xfU];
}

}  // namespace

Character first_of(std::string_view text) {
    constexpr Character broken{replacement_character, 1};
    const auto lead = static_cast<unsigned char>(text[0]);
    if (lead < 0x80) return {lead, 1};
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return broken;
    char32_t code = lead & (0xffU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        const auto next = static_cast<unsigned char>(text[i]);
        if ((next & 0xc0U) != 0x80) return broken;
        code = (code << 6U) | (next & 0x3fU);
    }
    const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    const bool surrogate = code >= 0xd800 && code <= 0xdfff;
    return overlong || surrogate || code > 0x10ffff ? broken : Character{code, length};
}

bool is_unfit(char32_t code) {
    const auto* const range =
        std::lower_bound(unfit.begin(), unfit.end(), code,
                         [](const Range& one, char32_t wanted) { return one.last < wanted; });
    return range != unfit.end() && range->first <= code;
}

void put_escape(std::string& text, char32_t code) {
    if (code <= 0xffff) return put_unit(text, code);
    code -= 0x10000;
    put_unit(text, 0xd800 + (code >> 10U));
    put_unit(text, 0xdc00 + (code & 0x3ffU));
}

}  // namespace runs_agent
