// SPDX-License-Identifier: MIT
// A copy of a database that others are writing to.
#pragma once

#include "base/error.hpp"

#include <cstdint>
#include <string>

namespace runs_agent::sqlite {

/// Copies the database `from` to the new file `to`, for its owner alone, as it is at one moment;
/// who works on it goes on meanwhile. The copy is on disk and was looked through when this returns
/// its bytes, and there is no file `to` where it fails. Errors: not_found, busy (there is a file
/// `to`), store. Blocks.
Result<std::uint64_t> back_up(const std::string& from, const std::string& to);

}  // namespace runs_agent::sqlite
