// SPDX-License-Identifier: MIT
// The agent's tables in PostgreSQL. They tell the story that those of SQLite tell
// (store/sqlite/schema.hpp: the same names, columns and invariants), with what many replicas need
// besides:
//
//   replicas           who works on this database, and when each was last heard of, by the server's
//                      clock: the work of one that is silent goes to the others (replicas.hpp)
//   duties             what one replica alone does, and which
//   schema_migrations  which versions of these tables there were
//
//   acts, pauses       as in SQLite; acts.token names the request that did it
//
// deliveries has the names that it is found by (workflow, branch, …) as columns, which SQLite
// computes; `named` is 0 where they are not filled in yet, as the version before leaves them
// (naming.hpp). deliveries.run_lane and group_lane, attempts.group_lane and calls.lane say what
// must not be worked on by two at once (lanes.hpp). calls.leased_by is the replica that claimed the
// call last: its answer counts as long as nobody else claimed or reopened the call.
//
// All is in the schema that comes first in the search_path (usually "public";
// `options=-csearch_path=…` in the URL names another).
//
// Replicas of two versions work side by side during a rolling upgrade. So a migration only adds: a
// column with a default, a table, an index (while that is made, who writes there waits: a second or
// so for a million rows); what no version needs any more is taken away by a later release. Where
// that cannot be, the migration says since which version it must be known
// (`needs`), and programs that do not know that one refuse to open the database.
#pragma once

#include "postgres/connection.hpp"

#include <span>

namespace runs_agent::store {

struct PostgresMigration {
    const char* sql;
    /// A program that knows fewer migrations than this cannot work on the tables any more.
    int needs;
};

std::span<const PostgresMigration> postgres_migrations();

/// Brings the tables up to date, one process at a time: the others wait for it. Blocks. Throws
/// PostgresError; Error where the tables need a newer program than this.
Result<void> migrate(postgres::Connection& connection, std::span<const PostgresMigration> known);

/// Is there nothing to migrate? Only reads. Errc::not_found where there is; else as migrate().
Result<void> check_migrated(postgres::Connection& connection,
                            std::span<const PostgresMigration> known);

}  // namespace runs_agent::store
