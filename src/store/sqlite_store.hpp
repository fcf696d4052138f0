// SPDX-License-Identifier: MIT
// The store on one machine: a SQLite file.
#pragma once

#include "base/error.hpp"
#include "store/store.hpp"

#include <memory>
#include <string>

namespace runs_agent::store {

/// Opens or creates the file and brings its schema up to date. Blocks, so it is for the start of a
/// program. Errc::store where it cannot; the message names the file.
Result<std::unique_ptr<Store>> open_sqlite_store(const std::string& path);

}  // namespace runs_agent::store
