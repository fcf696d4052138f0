// SPDX-License-Identifier: MIT
#include "agent/manual/manual_page.hpp"

#include <array>
#include <cstdio>
#include <sstream>
#include <string_view>

namespace runs_agent::agent {

namespace {

/// How many bytes a character of UTF-8 has that begins with this one.
std::size_t length_of(char first_byte) {
    const auto first = static_cast<unsigned char>(first_byte);
    return first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/// "\\[u2026]"; troff itself reads ASCII. Our own texts are whole UTF-8.
std::string beyond_ascii(std::string_view character) {
    unsigned code = static_cast<unsigned char>(character[0]) & (0xffU >> (character.size() + 1));
    for (const char c : character.substr(1))
        code = code << 6U | (static_cast<unsigned char>(c) & 0x3fU);
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "\\[u%04X]", code);
    return text.data();
}

/// A backslash is an escape, a hyphen may be broken and a full stop or a quote at a line's
/// beginning is a request. Source: man(7), groff_char(7).
std::string escaped(const std::string& text) {
    std::string result;
    bool line_begins = true;
    for (std::size_t at = 0; at < text.size(); at += length_of(text[at])) {
        const char c = text[at];
        if (line_begins && (c == '.' || c == '\'')) result += "\\&";
        if (length_of(c) > 1)
            result += beyond_ascii(std::string_view(text).substr(at, length_of(c)));
        else if (c == '\\')
            result += "\\e";
        else if (c == '-')
            result += "\\-";
        else
            result += c;
        line_begins = c == '\n';
    }
    return result;
}

/// Lines that are indented are shown as they are, the others as text.
std::string paragraphs(const std::string& text) {
    std::istringstream lines(text);
    std::string result;
    bool as_it_is = false;
    for (std::string line; std::getline(lines, line);) {
        const bool indented = line.starts_with(' ');
        if (indented != as_it_is) result += indented ? ".nf\n" : ".fi\n";
        as_it_is = indented;
        result += line.empty() ? ".PP\n" : escaped(line) + "\n";
        if (line == "Example:") result += ".br\n";
    }
    return result + (as_it_is ? ".fi\n" : "");
}

std::string names_of(const OptionTold& option) {
    std::string text;
    for (const std::string& name : option.names)
        text += (text.empty() ? "" : ", ") + ("\\fB" + escaped(name) + "\\fR");
    if (option.value.empty()) return text;
    return text + (text.empty() ? "" : " ") + "\\fI" + escaped(option.value) + "\\fR";
}

std::string described(const OptionTold& option) {
    return ".TP\n" + names_of(option) + "\n" + paragraphs(option.description);
}

std::string usage_of(const CommandTold& command) {
    std::string text =
        "\\fBruns\\-agent" + (command.path.empty() ? "" : " " + escaped(command.name())) + "\\fR";
    if (!command.commands.empty()) text += " \\fICOMMAND\\fR";
    for (const OptionTold& option : command.options)
        if (option.is_argument())
            text += option.required ? " " + names_of(option) : " [" + names_of(option) + "]";
    return text + " [\\fIOPTIONS\\fR]";
}

}  // namespace

std::string manual_page(const CommandTold& program, const std::string& version) {
    std::string text =
        R"(.TH RUNS\-AGENT 1 "" "runs\-agent )" + escaped(version) +
        "\" \"User Commands\"\n.SH NAME\nruns\\-agent \\- ends the recorded test runs "
        "that cancelled GitHub workflows leave behind\n.SH SYNOPSIS\n" +
        usage_of(program) + "\n.SH DESCRIPTION\n" + paragraphs(program.description) +
        ".SH COMMANDS\n";
    for (const CommandTold* const command : all_of(program)) {
        if (command->path.empty()) continue;
        text += ".SS " + escaped(command->name()) + "\n" + usage_of(*command) + "\n.PP\n" +
                paragraphs(command->description);
        for (const OptionTold& option : command->options)
            if (option.names.empty() || option.names.back() != "--help") text += described(option);
        if (!command->footer.empty()) text += ".PP\n" + paragraphs(command->footer);
    }
    text += ".SH OPTIONS\n";
    for (const OptionTold& option : program.options) text += described(option);
    text +=
        ".SH EXIT STATUS\n.TP\n0\nDone.\n.TP\n1\nThe operation failed.\n.TP\n2\nWrong usage or "
        "configuration.\n.TP\n3\nNot found.\n";
    text +=
        ".SH FILES\n.TP\n/etc/runs\\-agent/policy.yml\nThe policy of the installed service.\n"
        ".TP\n/etc/runs\\-agent/environment\nIts settings that are no secret.\n"
        ".TP\n/var/lib/runs\\-agent\nIts databases.\n"
        ".TP\n/usr/share/doc/runs\\-agent/docs\nAll documents; policy.md there has every "
        "variable.\n";
    return text;
}

}  // namespace runs_agent::agent
