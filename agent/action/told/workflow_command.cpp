// SPDX-License-Identifier: MIT
#include "agent/action/told/workflow_command.hpp"

#include "observe/printable.hpp"

namespace runs_agent::agent::action {

namespace {

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

}  // namespace

std::string escape_data(std::string_view text) {
    return escape(text, false);
}

std::string escape_property(std::string_view text) {
    return escape(text, true);
}

std::string workflow_command(std::string_view name, std::string_view title, std::string_view text) {
    std::string command = "::" + std::string(name);
    if (!title.empty()) command += " title=" + escape_property(printable(title));
    return command + "::" + escape_data(printable(text));
}

}  // namespace runs_agent::agent::action
