#include "agent/action/workflow_command.hpp"

#include <algorithm>

namespace runs_agent::agent::action {

namespace {

constexpr std::string_view old_marker = "##[";

std::string without_old_marker(std::string text) {
    for (auto at = text.find(old_marker); at != std::string::npos; at = text.find(old_marker, at))
        text.insert(at + 2, " ");
    return text;
}

std::string escape(std::string_view text, bool property) {
    std::string escaped;
    escaped.reserve(text.size());
    for (const char c : text) {
        if (c == '%')
            escaped += "%25";
        else if (c == '\r')
            escaped += "%0D";
        else if (c == '\n')
            escaped += "%0A";
        else if (property && c == ':')
            escaped += "%3A";
        else if (property && c == ',')
            escaped += "%2C";
        else
            escaped += c;
    }
    return escaped;
}

bool is_letter_or_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

}  // namespace

std::string escape_data(std::string_view text) {
    return escape(text, false);
}

std::string escape_property(std::string_view text) {
    return escape(text, true);
}

std::string workflow_command(std::string_view name, std::string_view title, std::string_view text) {
    std::string command = "::" + std::string(name);
    if (!title.empty()) command += " title=" + escape_property(title);
    return command + "::" + escape_data(without_old_marker(std::string(text)));
}

std::string inert_line(std::string_view text) {
    std::string line(text);
    for (char& c : line)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
    line = without_old_marker(std::move(line));
    // The runner passes over white space of every script before it looks for "::".
    const auto colons = line.find("::");
    if (colons == std::string::npos) return line;
    const std::string_view before = std::string_view(line).substr(0, colons);
    if (std::none_of(before.begin(), before.end(), is_letter_or_digit)) line.insert(0, "text: ");
    return line;
}

}  // namespace runs_agent::agent::action
