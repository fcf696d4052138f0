// SPDX-License-Identifier: MIT
// What is known of attempts, and of the runs that may supersede each other:
// store/sqlite/attempts.hpp in PostgreSQL. To be called by who holds the lanes of the run and of
// its groups (lanes.hpp). Runs as jobs of a postgres::Pool: throws PostgresError, which rolls the
// job back.
#pragma once

#include "postgres/connection.hpp"
#include "store/store.hpp"

namespace runs_agent::store {

std::vector<decide::KnownAttempt> attempts_of(postgres::Connection& connection,
                                              const decide::RunKey& run);
/// The lanes of the groups in which the run's attempts are.
std::vector<std::int64_t> group_lanes_of(postgres::Connection& connection,
                                         const decide::RunKey& run);
std::vector<decide::KnownRun> older_of_group(postgres::Connection& connection,
                                             const std::string& group,
                                             const decide::WorkflowRun& own);
std::optional<decide::KnownRun> newer_of_group(postgres::Connection& connection,
                                               const std::string& group,
                                               const decide::WorkflowRun& own);
void record_attempt(postgres::Connection& connection, const decide::WorkflowRun& run,
                    const decide::Known& known, Time now);
void record_superseded(postgres::Connection& connection, const decide::RunKey& run, int attempt);

}  // namespace runs_agent::store
