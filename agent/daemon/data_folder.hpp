// SPDX-License-Identifier: MIT
// The folder in which the program keeps its data, and that nobody else reads it.
#pragma once

#include "base/error.hpp"
#include "observe/log.hpp"

#include <string>

namespace runs_agent::agent {

/// Creates the folder of `file` where it is missing, readable by its owner alone.
/// Errc::io names the folder and says how to mend it.
Result<void> make_folder_of(const std::string& file);

/// Closes a database's files to others, as each opening of it does, and logs where others could
/// read them.
void keep_private(const std::string& database, Log& log);

}  // namespace runs_agent::agent
