// SPDX-License-Identifier: MIT
#include "observe/clean_text.hpp"

#include "observe/printable.hpp"

namespace runs_agent {

namespace {

constexpr std::size_t max_length = 500;

void blot_out(std::string& text, std::string_view secret) {
    constexpr std::string_view blot = "[secret]";
    if (secret.empty()) return;
    for (auto at = text.find(secret); at != std::string::npos;
         at = text.find(secret, at + blot.size()))
        text.replace(at, secret.size(), blot);
}

/// Runs of control characters and blanks become one space.
std::string on_one_line(std::string_view text) {
    std::string line;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool blank = byte <= ' ' || byte == 0x7f;
        if (!blank)
            line += c;
        else if (!line.empty() && line.back() != ' ')
            line += ' ';
    }
    if (!line.empty() && line.back() == ' ') line.pop_back();
    return line;
}

void cut(std::string& text) {
    if (text.size() <= max_length) return;
    std::size_t end = max_length;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80) --end;
    text.resize(end);  // never in the middle of a character
}

}  // namespace

std::string clean_text(std::string text, std::string_view secret) {
    blot_out(text, secret);
    std::string clean = printable(on_one_line(text));
    cut(clean);
    return clean;
}

}  // namespace runs_agent
