// SPDX-License-Identifier: MIT
#include "store/sqlite/health.hpp"

namespace runs_agent::store {

using sqlite::Database;
using sqlite::Statement;

namespace {

std::int64_t count(Database& database, std::string_view sql) {
    Statement row = database.prepare(sql);
    row.step();
    return row.integer(0);
}

}  // namespace

void check(Database& database, Time now) {
    database
        .prepare(
            "INSERT INTO written(id, at) VALUES(1, ?) ON CONFLICT DO UPDATE SET at = excluded.at")
        .bind(now)
        .run();
}

Backlog backlog(Database& database) {
    Backlog found;
    found.undecided = count(database, "SELECT count(*) FROM deliveries WHERE decided_at IS NULL");
    found.pending =
        count(database, "SELECT count(*) FROM calls WHERE state = 'pending' AND refused = 0");
    found.held = count(database,
                       "SELECT count(*) FROM calls WHERE refused > 0 AND state IN"
                       " ('pending', 'held')");
    found.dead = count(database, "SELECT count(*) FROM calls WHERE state = 'dead'");
    Statement oldest = database.prepare(
        "SELECT min(planned_at) FROM calls WHERE state = 'pending' AND refused = 0");
    if (oldest.step()) found.oldest_pending = oldest.optional_time(0);
    Statement newest = database.prepare(
        "SELECT outcome FROM calls WHERE refused > 0 AND state IN ('pending', 'held')"
        " ORDER BY last_tried_at DESC LIMIT 1");
    if (newest.step()) found.held_because = newest.text(0);
    return found;
}

}  // namespace runs_agent::store
