// SPDX-License-Identifier: MIT
// The files that a step writes: the runner's, and what Playwright is to find.
#pragma once

#include "base/error.hpp"

#include <string>

namespace runs_agent::agent::action {

/// Adds `text` at the end. Errc::io.
Result<void> append_to_file(const std::string& path, const std::string& text);

/// Replaces what the file holds; the folders to it are made. Errc::io.
Result<void> write_file(const std::string& path, const std::string& text);

/// Removes a file or a link, and says whether there was one. Errc::io.
Result<bool> remove_file(const std::string& path);

}  // namespace runs_agent::agent::action
