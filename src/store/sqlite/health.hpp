// SPDX-License-Identifier: MIT
// What the health of the store is told by: that it can be written, and what waits in it.
// Runs as jobs of a sqlite::Worker: throws SqliteError, which rolls the job back.
#pragma once

#include "sqlite/database.hpp"
#include "store/store.hpp"

namespace runs_agent::store {

void check(sqlite::Database& database, Time now);
Backlog backlog(sqlite::Database& database);

}  // namespace runs_agent::store
