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

}  // namespace runs_agent::store
