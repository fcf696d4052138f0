// SPDX-License-Identifier: MIT
#include "runs_server/notifying/outbox.hpp"

#include "runs_server/notifying/hook.hpp"

namespace runs_agent::runs_server {

using sqlite::Database;
using sqlite::Statement;

std::vector<OutgoingHook> due_hooks(Database& database, Time now, Time latest, std::size_t per_hook,
                                    std::size_t limit) {
    Statement rows = database.prepare(
        "SELECT d.id, d.hook_id, d.run_id, d.event, h.url, h.headers, d.body, d.created_at, d.tries"
        " FROM (SELECT o.*, row_number() OVER (PARTITION BY o.hook_id ORDER BY o.due_at, o.seq)"
        " AS place FROM outbox o WHERE (o.due_at <= ?1 OR o.due_at > ?2) AND NOT EXISTS (SELECT 1"
        " FROM outbox e WHERE e.hook_id = o.hook_id AND e.run_id = o.run_id AND e.seq < o.seq)) d"
        " JOIN hooks h ON h.id = d.hook_id WHERE d.place <= ?3 ORDER BY d.due_at, d.seq LIMIT ?4");
    rows.bind(now)
        .bind(latest)
        .bind(static_cast<std::int64_t>(per_hook))
        .bind(static_cast<std::int64_t>(limit));
    std::vector<OutgoingHook> due;
    while (rows.step())
        due.push_back({rows.text(0), rows.text(1), rows.text(2), rows.text(3), rows.text(4),
                       headers_of(rows.optional_text(5)), rows.text(6), rows.time(7),
                       static_cast<int>(rows.integer(8))});
    return due;
}

std::optional<Time> next_due_hook(Database& database, Time now) {
    Statement row = database.prepare("SELECT min(due_at) FROM outbox WHERE due_at > ?");
    row.bind(now).step();
    return row.optional_time(0);
}

void forget_hook(Database& database, const std::string& id) {
    database.prepare("DELETE FROM outbox WHERE id = ?").bind(id).run();
}

void put_off_hook(Database& database, const std::string& id, Time due) {
    database.prepare("UPDATE outbox SET due_at = ?, tries = tries + 1 WHERE id = ?")
        .bind(due)
        .bind(id)
        .run();
}

void retry_hooks(Database& database, Time now) {
    database.prepare("UPDATE outbox SET due_at = ?1 WHERE due_at > ?1").bind(now).run();
}

}  // namespace runs_agent::runs_server
