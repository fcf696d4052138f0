// SPDX-License-Identifier: MIT
// Files that hold a secret.
#pragma once

#include "base/error.hpp"

#include <string>

namespace runs_agent::agent {

/// Makes a file that only its owner can read or write, with `text` in it, on disk when this
/// returns. Never writes into a file, or follows a link, that is there: Errc::busy then. Errc::io
/// where it cannot be written; says how to mend it. Blocks.
Result<void> write_private_file(const std::string& path, const std::string& text);

}  // namespace runs_agent::agent
