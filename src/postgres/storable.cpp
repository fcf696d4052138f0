// SPDX-License-Identifier: MIT
#include "postgres/storable.hpp"

#include "base/text.hpp"
#include "observe/characters.hpp"

namespace runs_agent::postgres {

std::string storable(std::string_view text) {
    // Most texts are plain, and are copied in one go.
    if (is_ascii(text) && text.find('\0') == std::string_view::npos) return std::string(text);
    std::string made;
    made.reserve(text.size());
    while (!text.empty()) {
        const Character character = first_of(text);
        if (character.code == 0 || character.code == replacement_character)
            made += "\xef\xbf\xbd";
        else
            made += text.substr(0, character.length);
        text.remove_prefix(character.length);
    }
    return made;
}

std::string quoted_element(std::string_view text) {
    std::string made = "\"";
    for (const char c : storable(text)) {
        if (c == '"' || c == '\\') made += '\\';
        made += c;
    }
    return made + '"';
}

}  // namespace runs_agent::postgres
