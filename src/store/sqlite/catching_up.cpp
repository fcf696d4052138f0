// SPDX-License-Identifier: MIT
#include "store/sqlite/catching_up.hpp"

#include "store/sqlite/attempts.hpp"

namespace runs_agent::store {

using sqlite::Database;
using sqlite::Statement;

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

}  // namespace runs_agent::store
