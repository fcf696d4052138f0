// SPDX-License-Identifier: MIT
#include "config/unit_file.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace runs_agent::config {

namespace {

bool is_comment(std::string_view line) {
    line = trimmed(line);
    return line.empty() || line.front() == '#' || line.front() == ';';
}

/// Lines, each with those that a backslash at its end joins to it; comments are left out.
std::vector<std::string> logical_lines(std::string_view text) {
    std::vector<std::string> lines;
    bool goes_on = false;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (is_comment(line)) {
            goes_on = goes_on && !trimmed(line).empty();
            continue;
        }
        const bool more = line.ends_with('\\');
        if (more) line.remove_suffix(1);
        if (goes_on)
            lines.back().append(" ").append(line);
        else
            lines.emplace_back(line);
        goes_on = more;
    }
    return lines;
}

std::optional<std::pair<std::string, std::string>> assignment(std::string_view line) {
    const auto equals = line.find('=');
    if (equals == std::string_view::npos || equals == 0) return std::nullopt;
    return std::pair(std::string(trimmed(line.substr(0, equals))),
                     std::string(trimmed(line.substr(equals + 1))));
}

/// Takes quotes and escapes away, one character after the other.
class Unquoting {
public:
    /// False where it separates words.
    bool take(char c) {
        if (escaped_) {
            escaped_ = false;
            word_ += c;
        } else if (c == '\\' && quote_ != '\'') {
            escaped_ = true;
            begun_ = true;
        } else if (quote_ != '\0' ? c == quote_ : c == '"' || c == '\'') {
            quote_ = quote_ != '\0' ? '\0' : c;
            begun_ = true;
        } else if (quote_ == '\0' && (c == ' ' || c == '\t')) {
            return false;
        } else {
            word_ += c;
            begun_ = true;
        }
        return true;
    }
    bool has_begun() const { return begun_; }
    std::string word() {
        begun_ = false;
        return std::exchange(word_, {});
    }

private:
    std::string word_;
    char quote_ = '\0';
    bool escaped_ = false;
    bool begun_ = false;
};

}  // namespace

std::vector<std::string> split_words(std::string_view text) {
    std::vector<std::string> words;
    Unquoting reading;
    for (const char c : text)
        if (!reading.take(c) && reading.has_begun()) words.push_back(reading.word());
    if (reading.has_begun()) words.push_back(reading.word());
    return words;
}

Assignments parse_service_section(std::string_view text) {
    Assignments found;
    bool in_service = false;
    for (const std::string& line : logical_lines(text)) {
        if (const auto whole = trimmed(line); whole.starts_with('[')) {
            in_service = whole == "[Service]";
            continue;
        }
        if (!in_service) continue;
        if (auto one = assignment(line)) found.push_back(std::move(*one));
    }
    return found;
}

Assignments parse_environment_file(std::string_view text) {
    Assignments found;
    for (const std::string& line : logical_lines(text)) {
        auto one = assignment(line);
        if (!one) continue;
        // Blanks within a value are its own, but for those at its ends.
        std::string value;
        Unquoting reading;
        for (const char c : one->second)
            if (!reading.take(c)) value += reading.word() + c;
        one->second = value + reading.word();
        found.push_back(std::move(*one));
    }
    return found;
}

}  // namespace runs_agent::config
