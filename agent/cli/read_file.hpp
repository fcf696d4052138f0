// SPDX-License-Identifier: MIT
// A file, or standard input, as a whole: for what a command is given to read.
#pragma once

#include "base/error.hpp"

#include <string>

namespace runs_agent::agent {

/// Reads the file, or standard input for "-". Errc::bad_input where it cannot be read.
Result<std::string> read_file(const std::string& path);

}  // namespace runs_agent::agent
