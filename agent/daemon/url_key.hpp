// SPDX-License-Identifier: MIT
// The secret with which the embedded Runs API signs the addresses of artifacts. It is a file beside
// the database, so that whoever reads a copy of the database, such as a backup, cannot sign.
#pragma once

#include "base/error.hpp"

#include <string>

namespace runs_agent::agent {

/// The key in DATABASE.url-key, which only its owner can read; made where there is none. Errc::io
/// where it cannot be read or made, or is no key; says how to mend it. Blocks.
Result<std::string> read_url_key(const std::string& database_path);

}  // namespace runs_agent::agent
