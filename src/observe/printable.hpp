// SPDX-License-Identifier: MIT
// The one way to print what is not ours: names, answers, arguments and files that somebody else
// wrote. None of it can draw on a terminal, hide, end a line, or be a command to a GitHub runner,
// which takes a line that begins with "::" for one, and the older form "##[" anywhere in a line.
// Source of the latter: docs.github.com, "Workflow commands for GitHub Actions"; actions/runner,
// ActionCommand.cs.
//
// Values are cleaned where they are put into a text, so that a line end in one cannot make a line
// of its own; agent/cli/output.hpp cleans whole lines once more, for whoever forgot.
#pragma once

#include <string>
#include <string_view>

namespace runs_agent {

/// A value within a line: line ends, tabs and the like become a space each, other unfit characters
/// (characters.hpp) their escape, such as \u202e, bytes that are no UTF-8 become U+FFFD, and "##["
/// becomes "## [".
std::string printable(std::string_view value);

/// `text` in double quotes, as JSON (RFC 8259 section 7) and the log have a value. Unfit characters
/// and the last character of "##[" are escaped, so that the value is the same.
std::string json_string(std::string_view text);
/// The same, at the end of `json`.
void put_json_string(std::string& json, std::string_view text);

/// One JSON text or several, a line each, with the values that they had: unfit characters stand
/// within strings alone, where they are escaped. Of what is no JSON, nothing is left that does
/// harm.
std::string printable_json(std::string_view json);

/// A whole line, made of printable parts, as one that is no command.
std::string inert_line(std::string line);

}  // namespace runs_agent
