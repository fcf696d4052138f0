// SPDX-License-Identifier: MIT
// Calls as they are in the database, read.
// Runs as jobs of a sqlite::Worker: throws SqliteError, which rolls the job back.
#pragma once

#include "sqlite/database.hpp"
#include "store/store.hpp"

namespace runs_agent::store {

/// What read_call() reads, of `calls c` joined with `deliveries d`.
extern const char* const call_columns;

Call read_call(const sqlite::Statement& row);

/// Those that it planned, and those that it had planned before a later one took them over.
std::vector<CallHistory> calls_of_delivery(sqlite::Database& database, std::int64_t delivery_id);

}  // namespace runs_agent::store
