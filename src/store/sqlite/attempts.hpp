// SPDX-License-Identifier: MIT
// What is known of attempts, and of the runs that may supersede each other.
// Runs as jobs of a sqlite::Worker: throws SqliteError, which rolls the job back.
#pragma once

#include "sqlite/database.hpp"
#include "store/store.hpp"

namespace runs_agent::store {

std::vector<decide::KnownAttempt> attempts_of(sqlite::Database& database,
                                              const decide::RunKey& run);
/// Known::older and Known::newer, of a group as decide::group_of names it.
std::vector<decide::KnownRun> older_of_group(sqlite::Database& database, const std::string& group,
                                             const decide::WorkflowRun& own);
std::optional<decide::KnownRun> newer_of_group(sqlite::Database& database, const std::string& group,
                                               const decide::WorkflowRun& own);
/// Keeps what an event told of its attempt; `known` is what was known before.
void record_attempt(sqlite::Database& database, const decide::WorkflowRun& run,
                    const decide::Known& known, Time now);
void record_superseded(sqlite::Database& database, const decide::RunKey& run, int attempt);

}  // namespace runs_agent::store
