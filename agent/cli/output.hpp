// SPDX-License-Identifier: MIT
// The one door through which every byte goes to standard output and standard error, but for the
// log. Whatever is printed is cleaned on its way, so that a value that somebody forgot to clean can
// do no harm; tests/architecture/prints.sh finds a place that prints past this.
#pragma once

#include <ostream>
#include <string>
#include <string_view>

namespace runs_agent::agent {

/// Each call's text is shown at once.
class Output {
public:
    /// `stream` must live as long.
    explicit Output(std::ostream& stream) : stream_(stream) {}

    /// Lines of our own. Values in them are to be printable() (observe/printable.hpp): a line end
    /// that comes with one cannot be told from ours.
    void text(std::string_view lines);

    /// JSON, one text or several, a line each, with its line end where it has none; the values in
    /// it stay what they are. Also YAML whose strings need no escape, or are in double quotes.
    void data(std::string_view json);

    /// A line that the runner is to obey, without its end; for action::Console alone. The caller
    /// has escaped what it carries.
    void workflow_command(std::string_view line);

private:
    std::ostream& stream_;
};

Output standard_output();
Output standard_error();

}  // namespace runs_agent::agent
