// SPDX-License-Identifier: MIT
// The store on one machine: a SQLite file.
#pragma once

#include "base/error.hpp"
#include "store/store.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace runs_agent::store {

struct SqliteStoreOptions {
    /// Is told of each commit: how long it took until it was on disk, and how many writes shared
    /// it. On the store's writing thread.
    std::function<void(std::chrono::nanoseconds took, std::size_t jobs)> on_commit = {};
    /// A command beside a daemon, which leaves the copying of SQLite's log to that one.
    bool visitor = false;
};

/// Opens or creates the file and brings its schema up to date. Blocks, so it is for the start of a
/// program. Errc::store where it cannot; the message names the file.
Result<std::unique_ptr<Store>> open_sqlite_store(const std::string& path,
                                                 SqliteStoreOptions options = {});

}  // namespace runs_agent::store
