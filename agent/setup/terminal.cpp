// SPDX-License-Identifier: MIT
#include "agent/setup/terminal.hpp"

#include "agent/cli/output.hpp"
#include "base/text.hpp"
#include "observe/printable.hpp"

#include <iostream>
#include <unistd.h>

namespace runs_agent::agent::setup {

void Terminal::say(std::string_view lines) const {
    Output out = data_on_output_ ? standard_error() : standard_output();
    out.text(lines);
}

void Terminal::data(std::string_view text) const {
    standard_output().data(text);
}

Result<std::string> Terminal::ask(const std::string& question, const std::string& otherwise) const {
    say(question + (otherwise.empty() ? "" : " [" + printable(otherwise) + "]") + ": ");
    std::string line;
    if (!std::getline(std::cin, line))
        return fail(Errc::bad_input, "the input ended before the question was answered");
    line = trimmed(line);
    return line.empty() ? otherwise : line;
}

bool input_is_terminal() {
    return ::isatty(STDIN_FILENO) == 1;
}

bool output_is_terminal() {
    return ::isatty(STDOUT_FILENO) == 1;
}

}  // namespace runs_agent::agent::setup
