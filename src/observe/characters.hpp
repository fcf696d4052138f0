// SPDX-License-Identifier: MIT
// Which characters of a text from outside may reach a terminal, a log or a runner as they are.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace runs_agent {

constexpr char32_t replacement_character = 0xfffd;

struct Character {
    char32_t code;       // U+FFFD where the bytes are no character
    std::size_t length;  // in bytes
};

/// The character at the front of a text that is not empty (RFC 3629 section 4).
Character first_of(std::string_view text);

/// Can it end a line, draw on a terminal, turn the writing round, or not be seen at all? These are
/// the control characters, the line separators, the marks of direction and whatever a reader shows
/// as nothing. The last would also let a runner see a command that a reader of bytes does not: it
/// compares as its language does, which passes over them.
/// Source: Unicode, UnicodeData.txt (Cc, Zl, Zp) and DerivedCoreProperties.txt
/// (Default_Ignorable_Code_Point); U+FFF9 to U+FFFB, which mark notes, besides.
bool is_unfit(char32_t code);

/// "\u001b" as JSON writes it, in two halves past U+FFFF (RFC 8259 section 7).
void put_escape(std::string& text, char32_t code);

}  // namespace runs_agent
