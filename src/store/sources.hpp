// SPDX-License-Identifier: MIT
// Where deliveries come from, and when these were looked at, for both backends: what catching up
// goes by.
#pragma once

#include "store/rules_of_both.hpp"
#include "store/store.hpp"

#include <optional>
#include <string>
#include <vector>

namespace runs_agent::store {

/// Notes where a delivery came from.
template <class Database>
void record_source(Database& database, const NewDelivery& delivery) {
    if (!delivery.hook_id.empty())
        database
            .prepare(
                "INSERT INTO hooks AS h (host, kind, hook_id, owner, heard_at) "
                "VALUES(?1,?2,?3,?4,?5)"
                " ON CONFLICT(host, kind, hook_id) DO UPDATE SET owner = excluded.owner,"
                " heard_at = excluded.heard_at"
                " WHERE h.owner <> excluded.owner OR h.heard_at < ?6")
            .bind(delivery.host)
            .bind(delivery.hook_kind)
            .bind(delivery.hook_id)
            .bind(delivery.hook_owner)
            .bind(delivery.received_at)
            .bind(delivery.received_at - heard_again)
            .run();
    if (delivery.facts && !delivery.repository.empty())
        database
            .prepare(
                "INSERT INTO repositories AS r (host, repository, heard_at) VALUES(?1,?2,?3)"
                " ON CONFLICT(host, repository) DO UPDATE SET heard_at = excluded.heard_at"
                " WHERE r.heard_at < ?4")
            .bind(delivery.host)
            .bind(delivery.repository)
            .bind(delivery.received_at)
            .bind(delivery.received_at - heard_again)
            .run();
}

/// Forgets what was not heard of, or looked at, since then.
template <class Database>
void prune_sources(Database& database, Time before) {
    database.prepare("DELETE FROM hooks WHERE heard_at < ?").bind(before).run();
    database.prepare("DELETE FROM repositories WHERE heard_at < ?").bind(before).run();
    database.prepare("DELETE FROM looks WHERE at < ?").bind(before).run();
}

/// Store::hooks.
template <class Database>
std::vector<HeardHook> hooks(Database& database, const std::string& host, Time since) {
    auto rows = database.prepare(
        "SELECT hook_id, kind, owner, heard_at FROM hooks WHERE host = ? AND heard_at >= ?"
        " ORDER BY kind, hook_id");
    rows.bind(host).bind(since);
    std::vector<HeardHook> found;
    while (rows.step()) found.push_back({rows.text(0), rows.text(1), rows.text(2), rows.time(3)});
    return found;
}

/// Store::repositories.
template <class Database>
std::vector<std::string> repositories(Database& database, const std::string& host, Time since) {
    auto rows = database.prepare(
        "SELECT repository FROM repositories WHERE host = ? AND heard_at >= ? ORDER BY repository");
    rows.bind(host).bind(since);
    std::vector<std::string> found;
    while (rows.step()) found.push_back(rows.text(0));
    return found;
}

/// Store::last_look.
template <class Database>
std::optional<Time> last_look(Database& database, const std::string& name) {
    auto row = database.prepare("SELECT at FROM looks WHERE name = ?");
    if (!row.bind(name).step()) return std::nullopt;
    return row.time(0);
}

/// Store::record_look.
template <class Database>
void record_look(Database& database, const std::string& name, Time at) {
    database
        .prepare(
            "INSERT INTO looks(name, at) VALUES(?, ?) ON CONFLICT(name) DO UPDATE SET at = "
            "excluded.at")
        .bind(name)
        .bind(at)
        .run();
}

}  // namespace runs_agent::store
