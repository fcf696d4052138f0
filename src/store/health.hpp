// SPDX-License-Identifier: MIT
// Whether it can write, and how much work waits, for both backends.
#pragma once

#include "store/store.hpp"

#include <cstdint>
#include <string_view>

namespace runs_agent::store {

template <class Database>
std::int64_t count_of(Database& database, std::string_view sql) {
    auto row = database.prepare(sql);
    row.step();
    return row.integer(0);
}

/// Writes: what Store::check asks.
template <class Database>
void check(Database& database, Time now) {
    database
        .prepare(
            "INSERT INTO written(id, at) VALUES(1, ?) ON CONFLICT(id) DO UPDATE SET at = "
            "excluded.at")
        .bind(now)
        .run();
}

/// Store::backlog.
template <class Database>
Backlog backlog(Database& database) {
    Backlog found;
    found.undecided =
        count_of(database, "SELECT count(*) FROM deliveries WHERE decided_at IS NULL");
    found.pending =
        count_of(database, "SELECT count(*) FROM calls WHERE state = 'pending' AND refused = 0");
    found.held = count_of(database,
                          "SELECT count(*) FROM calls WHERE refused > 0 AND state IN"
                          " ('pending', 'held')");
    found.dead = count_of(database, "SELECT count(*) FROM calls WHERE state = 'dead'");
    auto newest = database.prepare(
        "SELECT outcome FROM calls WHERE refused > 0 AND state IN ('pending', 'held')"
        " ORDER BY last_tried_at DESC LIMIT 1");
    if (newest.step()) found.held_because = newest.text(0);
    auto oldest = database.prepare(
        "SELECT min(planned_at) FROM calls WHERE state = 'pending' AND refused = 0");
    if (oldest.step()) found.oldest_pending = oldest.optional_time(0);
    return found;
}

}  // namespace runs_agent::store
