// SPDX-License-Identifier: MIT
// What the runner reads off a step's output: workflow commands. How text from outside is kept from
// being one is in observe/printable.hpp.
// Source: docs.github.com, "Workflow commands for GitHub Actions"; actions/runner,
// ActionCommand.cs.
#pragma once

#include <string>
#include <string_view>

namespace runs_agent::agent::action {

/// % CR LF as %25 %0D %0A.
std::string escape_data(std::string_view text);

/// The same, and : , as %3A %2C.
std::string escape_property(std::string_view text);

/// "::error title=TITLE::TEXT" and the like, without a line end, both printable: a text is one line
/// where the runner shows it, too. No title where it is empty.
std::string workflow_command(std::string_view name, std::string_view title, std::string_view text);

}  // namespace runs_agent::agent::action
