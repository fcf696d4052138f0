// SPDX-License-Identifier: MIT
#include "store/postgres/catching_up.hpp"

#include "store/postgres/attempts.hpp"
#include "store/rules_of_both.hpp"

#include <algorithm>
#include <set>

namespace runs_agent::store {

using postgres::Connection;
using postgres::Statement;

namespace {

std::string source_of(const NewDelivery& delivery) {
    std::string source;
    for (const std::string* part :
         {&delivery.host, &delivery.hook_kind, &delivery.hook_id, &delivery.repository})
        source += *part + '\n';
    return source + (delivery.facts ? "decides" : "");
}

}  // namespace

bool HeardSources::know(const NewDelivery& delivery) const {
    const std::lock_guard lock(mutex_);
    const auto found = heard_.find(source_of(delivery));
    return found != heard_.end() && found->second.owner == delivery.hook_owner &&
           found->second.at >= delivery.received_at - heard_again;
}

void HeardSources::note(const NewDelivery& delivery) {
    constexpr std::size_t most = 10'000;
    const std::lock_guard lock(mutex_);
    if (heard_.size() >= most) heard_.clear();
    Heard& heard = heard_[source_of(delivery)];
    heard.owner = delivery.hook_owner;
    heard.at = std::max(heard.at, delivery.received_at);
}

void record_source(Connection& connection, const NewDelivery& delivery) {
    if (!delivery.hook_id.empty())
        connection
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
        connection
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

void prune_sources(Connection& connection, Time before) {
    connection.prepare("DELETE FROM hooks WHERE heard_at < ?").bind(before).run();
    connection.prepare("DELETE FROM repositories WHERE heard_at < ?").bind(before).run();
    connection.prepare("DELETE FROM looks WHERE at < ?").bind(before).run();
}

std::vector<HeardHook> hooks(Connection& connection, const std::string& host, Time since) {
    Statement rows = connection.prepare(
        "SELECT hook_id, kind, owner, heard_at FROM hooks WHERE host = ? AND heard_at >= ?"
        " ORDER BY kind, hook_id");
    rows.bind(host).bind(since);
    std::vector<HeardHook> found;
    while (rows.step()) found.push_back({rows.text(0), rows.text(1), rows.text(2), rows.time(3)});
    return found;
}

std::vector<std::string> repositories(Connection& connection, const std::string& host, Time since) {
    Statement rows = connection.prepare(
        "SELECT repository FROM repositories WHERE host = ? AND heard_at >= ? ORDER BY repository");
    rows.bind(host).bind(since);
    std::vector<std::string> found;
    while (rows.step()) found.push_back(rows.text(0));
    return found;
}

std::vector<std::string> unknown_guids(Connection& connection,
                                       const std::vector<std::string>& guids) {
    Statement rows = connection.prepare("SELECT guid FROM deliveries WHERE guid = ANY(?)");
    rows.bind_array(guids);
    std::set<std::string> known;
    while (rows.step()) known.insert(rows.text(0));
    std::vector<std::string> unknown;
    for (const std::string& guid : guids)
        if (!known.contains(guid)) unknown.push_back(guid);
    return unknown;
}

std::vector<HeardAttempt> heard_attempts(Connection& connection, const std::string& host,
                                         const std::vector<std::int64_t>& run_ids) {
    std::vector<HeardAttempt> heard;
    for (const std::int64_t run_id : run_ids)
        for (decide::KnownAttempt& known : attempts_of(connection, {host, run_id}))
            heard.push_back({run_id, std::move(known)});
    return heard;
}

std::vector<OpenAttempt> open_attempts(Connection& connection, const std::string& host,
                                       Time heard_since, int limit) {
    // The open ones are few; all that were heard of in this time may be very many.
    Statement rows = connection.prepare(
        "SELECT run_id, attempt, home FROM ("
        "  SELECT run_id, attempt, heard_at, home,"
        "    row_number() OVER (PARTITION BY home ORDER BY heard_at DESC, run_id) AS place FROM ("
        "    SELECT a.run_id, a.attempt, a.heard_at, coalesce((SELECT d.repository"
        "      FROM deliveries d WHERE d.run_id = a.run_id AND d.host = a.host"
        "      ORDER BY d.id DESC LIMIT 1), '') AS home"
        "    FROM attempts a"
        "    WHERE a.completed = 0 AND a.host = ? AND a.heard_at >= ?"
        "    AND NOT EXISTS (SELECT 1 FROM attempts n WHERE n.host = a.host"
        "      AND n.run_id = a.run_id AND n.attempt > a.attempt)) AS homes"
        "  WHERE home <> '') AS placed"
        " WHERE place <= ? ORDER BY heard_at DESC, run_id");
    rows.bind(host).bind(heard_since).bind(limit);
    std::vector<OpenAttempt> open;
    while (rows.step())
        open.push_back({rows.text(2), rows.integer(0), static_cast<int>(rows.integer(1))});
    return open;
}

std::optional<Time> last_look(Connection& connection, const std::string& name) {
    Statement row = connection.prepare("SELECT at FROM looks WHERE name = ?");
    if (!row.bind(name).step()) return std::nullopt;
    return row.time(0);
}

void record_look(Connection& connection, const std::string& name, Time at) {
    connection
        .prepare(
            "INSERT INTO looks(name, at) VALUES(?, ?) ON CONFLICT(name) DO UPDATE SET at = "
            "excluded.at")
        .bind(name)
        .bind(at)
        .run();
}

}  // namespace runs_agent::store
