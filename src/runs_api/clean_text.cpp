#include "runs_api/clean_text.hpp"

#include <algorithm>
#include <cstdint>

namespace runs_agent::runs_api {

namespace {

constexpr std::size_t max_length = 500;

unsigned byte_at(std::string_view text, std::size_t i) {
    return static_cast<unsigned char>(text[i]);
}

/// How many bytes the well-formed UTF-8 character at the front has (RFC 3629 section 4); 0: none.
std::size_t character_length(std::string_view text) {
    const unsigned lead = byte_at(text, 0);
    if (lead < 0x80) return 1;
    const std::size_t length = lead >= 0xc2 && lead <= 0xdf   ? 2
                               : lead >= 0xe0 && lead <= 0xef ? 3
                               : lead >= 0xf0 && lead <= 0xf4 ? 4
                                                              : 0;
    if (length == 0 || text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((byte_at(text, i) & 0xc0U) != 0x80) return 0;
    const unsigned second = byte_at(text, 1);
    const bool overlong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
    const bool no_scalar = (lead == 0xed && second > 0x9f) || (lead == 0xf4 && second > 0x8f);
    return overlong || no_scalar ? 0 : length;
}

bool is_control(std::string_view character) {
    const unsigned lead = byte_at(character, 0);
    return lead < 0x20 || lead == 0x7f || (lead == 0xc2 && byte_at(character, 1) < 0xa0);
}

void blot_out(std::string& text, std::string_view secret) {
    constexpr std::string_view blot = "[secret]";
    if (secret.empty()) return;
    for (auto at = text.find(secret); at != std::string::npos;
         at = text.find(secret, at + blot.size()))
        text.replace(at, secret.size(), blot);
}

}  // namespace

std::string clean_text(std::string text, std::string_view secret) {
    blot_out(text, secret);
    std::string clean;
    std::string_view rest = text;
    while (!rest.empty()) {
        const std::size_t length = character_length(rest);
        std::string_view character = length == 0 ? "?" : rest.substr(0, length);
        rest.remove_prefix(std::max<std::size_t>(length, 1));
        if (is_control(character)) character = " ";
        if (character == " " && (clean.empty() || clean.back() == ' ')) continue;
        if (clean.size() + character.size() > max_length) break;
        clean += character;
    }
    while (!clean.empty() && clean.back() == ' ') clean.pop_back();
    return clean;
}

}  // namespace runs_agent::runs_api
