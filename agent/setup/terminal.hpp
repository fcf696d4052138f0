// SPDX-License-Identifier: MIT
// What setup says and asks. Everything said goes to standard output, or past it to standard error
// where that is for a Secret.
#pragma once

#include "base/error.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace runs_agent::agent::setup {

class Terminal {
public:
    /// `data_on_output`: standard output is for something else than words.
    explicit Terminal(bool data_on_output) : data_on_output_(data_on_output) {}

    /// A line or several, whose values are printable (observe/printable.hpp).
    void say(std::string_view lines) const;
    /// Does anybody take what standard output is kept for? Errc::io where its reader has ended, or
    /// it is closed. To be asked before anything is made that must not be lost.
    Result<void> check_data() const;
    /// What standard output is kept for, all of it: its reader sees the end of it, also while this
    /// program goes on. Errc::io where it did not arrive.
    Result<void> data(std::string_view text) const;
    /// There is none: the reader sees the end.
    void no_data() const;

    /// Says it, and waits for no answer.
    void prompt(const std::string& question, const std::string& otherwise = "") const;
    /// A line that a person types; `otherwise` where it is empty. Errc::bad_input at the end of the
    /// input. Blocks.
    Result<std::string> ask(const std::string& question, const std::string& otherwise = "") const;

private:
    bool data_on_output_;
};

/// Standard input, without waiting for it: Ctrl-C is heard meanwhile. Not beside Terminal::ask().
class TypedLines {
public:
    /// A whole line, trimmed; absent where none is there yet. Errc::bad_input at the end of the
    /// input.
    Result<std::optional<std::string>> next();

private:
    std::string typed_;
    bool ended_ = false;
};

/// Can a person be asked?
bool input_is_terminal();
/// Would what is printed be seen?
bool output_is_terminal();

}  // namespace runs_agent::agent::setup
