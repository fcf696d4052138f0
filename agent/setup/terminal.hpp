// SPDX-License-Identifier: MIT
// What setup says and asks. Everything said goes to standard output, or past it to standard error
// where that is for a Secret.
#pragma once

#include "base/error.hpp"

#include <string>
#include <string_view>

namespace runs_agent::agent::setup {

class Terminal {
public:
    /// `data_on_output`: standard output is for something else than words.
    explicit Terminal(bool data_on_output) : data_on_output_(data_on_output) {}

    /// A line or several, whose values are printable (observe/printable.hpp).
    void say(std::string_view lines) const;
    /// What standard output is kept for.
    void data(std::string_view text) const;

    /// A line that a person types; `otherwise` where it is empty. Errc::bad_input at the end of the
    /// input. Blocks.
    Result<std::string> ask(const std::string& question, const std::string& otherwise = "") const;

private:
    bool data_on_output_;
};

/// Can a person be asked?
bool input_is_terminal();
/// Would what is printed be seen?
bool output_is_terminal();

}  // namespace runs_agent::agent::setup
