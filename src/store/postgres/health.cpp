// SPDX-License-Identifier: MIT
#include "store/postgres/health.hpp"

namespace runs_agent::store {

using postgres::Connection;
using postgres::Statement;

namespace {

std::int64_t count(Connection& connection, std::string_view sql) {
    Statement row = connection.prepare(sql);
    row.step();
    return row.integer(0);
}

}  // namespace

void check(Connection& connection, Time now) {
    connection
        .prepare(
            "INSERT INTO written(id, at) VALUES(1, ?) ON CONFLICT(id) DO UPDATE SET at = "
            "excluded.at")
        .bind(now)
        .run();
}

Backlog backlog(Connection& connection) {
    Backlog found;
    found.undecided = count(connection, "SELECT count(*) FROM deliveries WHERE decided_at IS NULL");
    found.pending =
        count(connection, "SELECT count(*) FROM calls WHERE state = 'pending' AND refused = 0");
    found.held = count(connection,
                       "SELECT count(*) FROM calls WHERE refused > 0 AND state IN"
                       " ('pending', 'held')");
    found.dead = count(connection, "SELECT count(*) FROM calls WHERE state = 'dead'");
    Statement newest = connection.prepare(
        "SELECT outcome FROM calls WHERE refused > 0 AND state IN ('pending', 'held')"
        " ORDER BY last_tried_at DESC LIMIT 1");
    if (newest.step()) found.held_because = newest.text(0);
    Statement oldest = connection.prepare(
        "SELECT min(planned_at) FROM calls WHERE state = 'pending' AND refused = 0");
    if (oldest.step()) found.oldest_pending = oldest.optional_time(0);
    return found;
}

}  // namespace runs_agent::store
