// SPDX-License-Identifier: MIT
#include "store/sqlite/catching_up.hpp"

#include "store/rules_of_both.hpp"
#include "store/sqlite/attempts.hpp"

namespace runs_agent::store {

using sqlite::Database;
using sqlite::Statement;

void record_source(Database& database, const NewDelivery& delivery) {
    if (!delivery.hook_id.empty())
        database
            .prepare(
                "INSERT INTO hooks(host, kind, hook_id, owner, heard_at) VALUES(?1,?2,?3,?4,?5)"
                " ON CONFLICT DO UPDATE SET owner = excluded.owner, heard_at = excluded.heard_at"
                " WHERE owner <> excluded.owner OR heard_at < ?6")
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
                "INSERT INTO repositories(host, repository, heard_at) VALUES(?1,?2,?3)"
                " ON CONFLICT DO UPDATE SET heard_at = excluded.heard_at WHERE heard_at < ?4")
            .bind(delivery.host)
            .bind(delivery.repository)
            .bind(delivery.received_at)
            .bind(delivery.received_at - heard_again)
            .run();
}

void prune_sources(Database& database, Time before) {
    database.prepare("DELETE FROM hooks WHERE heard_at < ?").bind(before).run();
    database.prepare("DELETE FROM repositories WHERE heard_at < ?").bind(before).run();
    database.prepare("DELETE FROM looks WHERE at < ?").bind(before).run();
}

std::vector<HeardHook> hooks(Database& database, const std::string& host, Time since) {
    Statement rows = database.prepare(
        "SELECT hook_id, kind, owner, heard_at FROM hooks WHERE host = ? AND heard_at >= ?"
        " ORDER BY kind, hook_id");
    rows.bind(host).bind(since);
    std::vector<HeardHook> found;
    while (rows.step()) found.push_back({rows.text(0), rows.text(1), rows.text(2), rows.time(3)});
    return found;
}

std::vector<std::string> repositories(Database& database, const std::string& host, Time since) {
    Statement rows = database.prepare(
        "SELECT repository FROM repositories WHERE host = ? AND heard_at >= ? ORDER BY repository");
    rows.bind(host).bind(since);
    std::vector<std::string> found;
    while (rows.step()) found.push_back(rows.text(0));
    return found;
}

std::vector<std::string> unknown_guids(Database& database, const std::vector<std::string>& guids) {
    std::vector<std::string> unknown;
    for (const std::string& guid : guids) {
        Statement row = database.prepare("SELECT 1 FROM deliveries WHERE guid = ?");
        if (!row.bind(guid).step()) unknown.push_back(guid);
    }
    return unknown;
}

std::vector<HeardAttempt> heard_attempts(Database& database, const std::string& host,
                                         const std::vector<std::int64_t>& run_ids) {
    std::vector<HeardAttempt> heard;
    for (const std::int64_t run_id : run_ids)
        for (decide::KnownAttempt& known : attempts_of(database, {host, run_id}))
            heard.push_back({run_id, std::move(known)});
    return heard;
}

std::vector<OpenAttempt> open_attempts(Database& database, const std::string& host,
                                       Time heard_since, int limit) {
    // The open ones are few; all that were heard of in this time may be very many.
    Statement rows = database.prepare(
        "SELECT run_id, attempt, home FROM ("
        "  SELECT run_id, attempt, heard_at, home,"
        "    row_number() OVER (PARTITION BY home ORDER BY heard_at DESC, run_id) AS place FROM ("
        "    SELECT a.run_id, a.attempt, a.heard_at, coalesce((SELECT d.repository"
        "      FROM deliveries d WHERE d.run_id = a.run_id AND d.host = a.host"
        "      ORDER BY d.id DESC LIMIT 1), '') AS home"
        "    FROM attempts a INDEXED BY attempts_open"
        "    WHERE a.completed = 0 AND a.host = ? AND a.heard_at >= ?"
        "    AND NOT EXISTS (SELECT 1 FROM attempts n WHERE n.host = a.host"
        "      AND n.run_id = a.run_id AND n.attempt > a.attempt))"
        "  WHERE home <> '')"
        " WHERE place <= ? ORDER BY heard_at DESC, run_id");
    rows.bind(host).bind(heard_since).bind(limit);
    std::vector<OpenAttempt> open;
    while (rows.step())
        open.push_back({rows.text(2), rows.integer(0), static_cast<int>(rows.integer(1))});
    return open;
}

std::optional<Time> last_look(Database& database, const std::string& name) {
    Statement row = database.prepare("SELECT at FROM looks WHERE name = ?");
    if (!row.bind(name).step()) return std::nullopt;
    return row.time(0);
}

void record_look(Database& database, const std::string& name, Time at) {
    database
        .prepare(
            "INSERT INTO looks(name, at) VALUES(?, ?) ON CONFLICT DO UPDATE SET at = excluded.at")
        .bind(name)
        .bind(at)
        .run();
}

}  // namespace runs_agent::store
