// SPDX-License-Identifier: MIT
#include "agent/cli/output.hpp"

#include "observe/printable.hpp"

#include <algorithm>
#include <iostream>

namespace runs_agent::agent {

void Output::text(std::string_view lines) {
    std::string clean;
    while (!lines.empty()) {
        const std::size_t end = lines.find('\n');
        clean += inert_line(printable(lines.substr(0, end)));
        if (end == std::string_view::npos) break;
        clean += '\n';
        lines.remove_prefix(end + 1);
    }
    stream_ << clean << std::flush;
}

void Output::data(std::string_view json) {
    if (json.empty()) return;
    stream_ << printable_json(json) << (json.ends_with('\n') ? "" : "\n") << std::flush;
}

void Output::workflow_command(std::string_view line) {
    std::string one(line);
    std::replace_if(one.begin(), one.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    stream_ << one << '\n' << std::flush;
}

Output standard_output() {
    return Output(std::cout);
}

Output standard_error() {
    return Output(std::cerr);
}

}  // namespace runs_agent::agent
