#include "observe/quoted.hpp"

#include <cstdint>

namespace runs_agent {

namespace {

constexpr char32_t replacement = 0xfffd;

struct Character {
    char32_t code;       // `replacement` where the bytes are no character
    std::size_t length;  // in bytes
};

/// The character at the front of a text that is not empty (RFC 3629 section 4).
Character first_of(std::string_view text) {
    constexpr Character broken{replacement, 1};
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
    return code < 0x20 || (code >= 0x7f && code <= 0x9f) || (code >= 0x2028 && code <= 0x202e) ||
           (code >= 0x2066 && code <= 0x2069);
}

/// "\u001b"
void put_escape(std::string& quoted, char32_t code) {
    constexpr std::string_view digits = "0123456789abcdef";
    quoted += "\\u";
    for (const unsigned shift : {12U, 8U, 4U, 0U}) quoted += digits[(code >> shift) & 0xfU];
}

}  // namespace

std::string quoted_for_log(std::string_view text) {
    std::string quoted = "\"";
    while (!text.empty()) {
        const auto [code, length] = first_of(text);
        if (code == '"' || code == '\\') {
            quoted += '\\';
            quoted += text[0];
        } else if (code == '\n' || code == '\r' || code == '\t') {
            quoted += code == '\n' ? "\\n" : code == '\r' ? "\\r" : "\\t";
        } else if (is_unfit(code)) {
            put_escape(quoted, code);
        } else if (code == replacement) {
            quoted += "\xef\xbf\xbd";
        } else {
            quoted += text.substr(0, length);
        }
        text.remove_prefix(length);
    }
    return quoted + '"';
}

}  // namespace runs_agent
