// SPDX-License-Identifier: MIT
// What catching up asks for: where deliveries come from, which were heard of, what was looked at.
// Runs as jobs of a sqlite::Worker: throws SqliteError, which rolls the job back.
#pragma once

#include "sqlite/database.hpp"
#include "store/store.hpp"

namespace runs_agent::store {

/// Notes where a delivery came from.
void record_source(sqlite::Database& database, const NewDelivery& delivery);
void prune_sources(sqlite::Database& database, Time before);
std::vector<HeardHook> hooks(sqlite::Database& database, const std::string& host, Time since);
std::vector<std::string> repositories(sqlite::Database& database, const std::string& host,
                                      Time since);
std::vector<std::string> unknown_guids(sqlite::Database& database,
                                       const std::vector<std::string>& guids);
std::vector<HeardAttempt> heard_attempts(sqlite::Database& database, const std::string& host,
                                         const std::vector<std::int64_t>& run_ids);
std::vector<OpenAttempt> open_attempts(sqlite::Database& database, const std::string& host,
                                       Time heard_since, int limit);
std::optional<Time> last_look(sqlite::Database& database, const std::string& name);
void record_look(sqlite::Database& database, const std::string& name, Time at);

}  // namespace runs_agent::store
