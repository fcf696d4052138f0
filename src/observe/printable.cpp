// SPDX-License-Identifier: MIT
#include "observe/printable.hpp"

#include "base/text.hpp"
#include "observe/characters.hpp"

#include <algorithm>

namespace runs_agent {

namespace {

constexpr std::string_view old_command = "##[";

/// Does the "[" that comes next make a command of what is there?
bool would_command(std::string_view text) {
    return text.ends_with(old_command.substr(0, 2));
}

/// What the runner passes over before it looks for "::" is white space, of every script.
bool may_be_blank(char c) {
    return c <= ' ' || static_cast<unsigned char>(c) >= 0x80;
}

constexpr std::string_view no_command = "text: ";

/// The character at the front of `from`, or what stands for it.
void put(std::string& text, std::string_view from, const Character& character) {
    if (is_unfit(character.code))
        put_escape(text, character.code);
    else if (character.code == replacement_character)
        text += "\xef\xbf\xbd";
    else
        text += from.substr(0, character.length);
}

/// Stands for itself in a JSON string, whatever is before it.
bool is_quite_plain(char c) {
    return c >= ' ' && c < 0x7f && c != '"' && c != '\\' && c != '[';
}

/// No line of JSON begins with "::".
bool is_command(std::string_view line) {
    while (!line.empty() && may_be_blank(line[0])) line.remove_prefix(1);
    return line.starts_with("::");
}

void put_json_line(std::string& text, std::string_view line) {
    if (is_command(line)) text += no_command;
    while (!line.empty()) {
        const Character character = first_of(line);
        if (character.code == '\r' || character.code == '\t')
            text += ' ';  // outside of strings they are blanks, and within there can be none
        else if (character.code == '[' && would_command(text))
            put_escape(text, '[');
        else
            put(text, line, character);
        line.remove_prefix(character.length);
    }
}

}  // namespace

std::string printable(std::string_view value) {
    std::string text;
    text.reserve(value.size());
    while (!value.empty()) {
        const Character character = first_of(value);
        if (character.code < 0x20 || character.code == 0x7f) {
            text += ' ';
        } else {
            if (character.code == '[' && would_command(text)) text += ' ';
            put(text, value, character);
        }
        value.remove_prefix(character.length);
    }
    return text;
}

void put_json_string(std::string& json, std::string_view text) {
    json += '"';
    while (!text.empty()) {
        const auto* const other = std::find_if_not(text.begin(), text.end(), is_quite_plain);
        const auto plain = static_cast<std::size_t>(other - text.begin());
        json += text.substr(0, plain);
        text.remove_prefix(plain);
        if (text.empty()) break;
        const Character character = first_of(text);
        const char32_t code = character.code;
        if (code == '"' || code == '\\') {
            json += '\\';
            json += text[0];
        } else if (code == '\n' || code == '\r' || code == '\t') {
            json += code == '\n' ? "\\n" : code == '\r' ? "\\r" : "\\t";
        } else if (code == '[' && would_command(json)) {
            put_escape(json, code);
        } else {
            put(json, text, character);
        }
        text.remove_prefix(character.length);
    }
    json += '"';
}

std::string json_string(std::string_view text) {
    std::string json;
    json.reserve(text.size() + 2);
    put_json_string(json, text);
    return json;
}

std::string printable_json(std::string_view json) {
    std::string text;
    text.reserve(json.size());
    for (;;) {
        const std::size_t end = json.find('\n');
        put_json_line(text, json.substr(0, end));
        if (end == std::string_view::npos) return text;
        text += '\n';
        json.remove_prefix(end + 1);
    }
}

std::string inert_line(std::string line) {
    for (auto at = line.find(old_command); at != std::string::npos; at = line.find(old_command, at))
        line.insert(at + 2, " ");
    const auto colons = line.find("::");
    if (colons == std::string::npos) return line;
    const std::string_view before = std::string_view(line).substr(0, colons);
    if (std::none_of(before.begin(), before.end(), is_letter_or_digit)) line.insert(0, no_command);
    return line;
}

}  // namespace runs_agent
