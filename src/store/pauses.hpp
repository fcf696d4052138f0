// SPDX-License-Identifier: MIT
// Services that asked to be left alone, for both backends: what one process was told holds for all
// that share the store.
#pragma once

#include "base/time.hpp"
#include "store/store.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace runs_agent::store {

/// Store::record_pause.
template <class Database>
void record_pause(Database& database, const std::string& service, std::chrono::milliseconds length,
                  Time now) {
    auto row = database.prepare(
        "INSERT INTO pauses(service, until, length) VALUES(?, ?, ?) ON CONFLICT(service) DO UPDATE"
        " SET until = excluded.until, length = excluded.length"
        " WHERE excluded.until > pauses.until");
    row.bind(service).bind(now + length).bind(std::int64_t{length.count()});
    row.run();
}

/// Store::paused_until.
template <class Database>
std::optional<Time> paused_until(Database& database, const std::string& service, Time now) {
    auto row = database.prepare("SELECT until FROM pauses WHERE service = ? AND until > ?");
    row.bind(service).bind(now);
    if (!row.step()) return std::nullopt;
    return row.time(0);
}

/// The clock was set back: none is longer from now on than was asked for.
template <class Database>
void shorten_pauses(Database& database, Time now) {
    auto rows = database.prepare("UPDATE pauses SET until = ?1 + length WHERE until > ?1 + length");
    rows.bind(now);
    rows.run();
}

/// A person wants the Runs API tried: whatever it asked for, of whichever address and key.
template <class Database>
void lift_pauses(Database& database) {
    auto rows = database.prepare("DELETE FROM pauses WHERE substr(service, 1, length(?1)) = ?1");
    rows.bind(std::string(runs_api_service));
    rows.run();
}

/// Those that were over before then.
template <class Database>
void prune_pauses(Database& database, Time before) {
    auto rows = database.prepare("DELETE FROM pauses WHERE until < ?");
    rows.bind(before);
    rows.run();
}

}  // namespace runs_agent::store
