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
// Replicas of two versions work side by side during a rolling upgrade. So a migration adds: a
// column with a default, a table, an index; what no version needs any more is taken away by a later
// release. Each is one step, as short as can be:
//
// - An index has a migration of its own. While it is made, who writes to its table waits: a second
//   or so for a million rows.
// - What needs a table for itself (ALTER TABLE, DROP INDEX) waits for all who are at it, a backup,
//   say, and everybody else waits behind it. So it waits for a second only, lets the others by,
//   and tries again (MigrationWaits).
//
// Where a version before cannot go on, the migration says since which version it must be known
// (`needs`), and programs that do not know that one refuse to open the database.
#pragma once

#include "postgres/connection.hpp"

#include <chrono>
#include <functional>
#include <span>
#include <string>

namespace runs_agent::store {

struct PostgresMigration {
    const char* sql;
    /// A program that knows fewer migrations than this cannot work on the tables any more.
    int needs;
};

std::span<const PostgresMigration> postgres_migrations();

/// How a migration waits for what others hold.
struct MigrationWaits {
    std::chrono::milliseconds lock{1'000};     // within a transaction; others wait behind it
    std::chrono::milliseconds between{3'000};  // then outside, before it tries again
    std::chrono::milliseconds patience = std::chrono::hours(1);  // for all of it
    /// Is told, each time, who holds what is waited for.
    std::function<void(const std::string& held_by)> on_wait;
};

/// Brings the tables up to date, one process at a time: the others wait for it. Blocks. Throws
/// PostgresError; Error where the tables need a newer program than this, and where somebody holds
/// them for longer than is waited.
Result<void> migrate(postgres::Connection& connection, std::span<const PostgresMigration> known,
                     const MigrationWaits& waits = {});

/// False: there are no tables yet. Error where they are of an older version, or need a newer
/// program than this. Throws PostgresError.
Result<bool> has_all(postgres::Connection& connection, std::span<const PostgresMigration> known);

/// Is there nothing to migrate? Only reads. Errc::not_found where there is; else as migrate().
Result<void> check_migrated(postgres::Connection& connection,
                            std::span<const PostgresMigration> known);

}  // namespace runs_agent::store
