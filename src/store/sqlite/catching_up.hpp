// SPDX-License-Identifier: MIT
// What catching up asks for: which deliveries and attempts were heard of; and store/sources.hpp.
// Runs as jobs of a sqlite::Worker: throws SqliteError, which rolls the job back.
#pragma once

#include "sqlite/database.hpp"
#include "store/sources.hpp"
#include "store/store.hpp"

namespace runs_agent::store {

std::vector<std::string> unknown_guids(sqlite::Database& database,
                                       const std::vector<std::string>& guids);
std::vector<HeardAttempt> heard_attempts(sqlite::Database& database, const std::string& host,
                                         const std::vector<std::int64_t>& run_ids);
std::vector<OpenAttempt> open_attempts(sqlite::Database& database, const std::string& host,
                                       Time heard_since, int limit);

}  // namespace runs_agent::store
