// SPDX-License-Identifier: MIT
#include "agent/cli/report.hpp"

#include "agent/cli/output.hpp"
#include "observe/printable.hpp"

#include <sstream>

namespace runs_agent::agent {

void print_message(std::string_view message) {
    standard_error().text("runs-agent: " + printable(message) + "\n");
}

int report(const Error& error) {
    print_message(error.message);
    switch (error.code) {
        case Errc::bad_input:
            return Exit::usage;
        case Errc::not_found:
            return Exit::not_found;
        default:
            return Exit::failed;
    }
}

int report_usage(std::string_view message) {
    print_message(message);
    return Exit::usage;
}

int report_mistakes(const Error& error) {
    std::istringstream mistakes(error.message);
    for (std::string mistake; std::getline(mistakes, mistake);) report_usage(mistake);
    return Exit::usage;
}

}  // namespace runs_agent::agent
