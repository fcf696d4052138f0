// SPDX-License-Identifier: MIT
#include "store/sqlite/turns.hpp"

#include "store/pauses.hpp"
#include "store/rows.hpp"
#include "store/rules_of_both.hpp"
#include "store/sqlite/call_endings.hpp"

namespace runs_agent::store {

using sqlite::Database;
using sqlite::Statement;

namespace {

/// Between the tries since the call was planned or replayed, and since the last one.
std::chrono::milliseconds tried_for(Database& database, const Call& call, Time now) {
    // The last of them alone: a replay sets the count to 0 and keeps the rows.
    Statement row = database.prepare(
        "SELECT coalesce(sum(min(max(next - at, 0), ?1)), 0) FROM"
        " (SELECT at, lead(at, 1, ?2) OVER (ORDER BY id) AS next FROM"
        "  (SELECT id, at FROM tries WHERE call_id = ?3 ORDER BY id DESC LIMIT ?4))");
    row.bind(longest_gap.count()).bind(now).bind(call.id).bind(call.tries);
    row.step();
    return std::chrono::milliseconds(row.integer(0));
}

/// Another version may have planned what this one cannot do. Such a call must not keep the others
/// from being done.
void give_up_unknown(Database& database, Time now) {
    database
        .prepare(
            "UPDATE calls SET state = 'dead', finished_at = ?1, outcome = 'the operation ' ||"
            " operation || ' was planned by another version of this program; use that one and"
            " replay it' WHERE state = 'pending' AND due_at <= ?1 AND operation NOT IN"
            " ('cancel-ci', 'cancel-run', 'reset-run', 'cancel-workflow',"
            " 'force-cancel-workflow')")
        .bind(now)
        .run();
}

}  // namespace

std::vector<Call> claim_due(Database& database, Time now, Time lease_until, int limit,
                            const std::string& service) {
    // In this order: what nobody can do, and what is withdrawn, must not stand before others when
    // it is asked whose turn it is.
    give_up_unknown(database, now);
    finish_withdrawn_and_abandoned(database, now);
    const bool paused = paused_until(database, service, now).has_value();
    std::vector<Call> calls;
    {
        // is_next orders the calls of a run; this says only who waits where not all fit: the
        // longest due first.
        Statement rows = database.prepare(std::string("SELECT ") + call_columns +
                                          " FROM calls c JOIN deliveries d ON d.id = c.delivery_id"
                                          " WHERE c.state = 'pending' AND c.due_at <= ?1 AND" +
                                          may_be_asked(paused) + "AND" + is_next +
                                          "ORDER BY c.due_at, c.id LIMIT ?2");
        rows.bind(now).bind(limit);
        while (rows.step()) calls.push_back(read_call(rows));
    }
    for (Call& call : calls) {
        call.tried_for = tried_for(database, call, now);
        database.prepare("UPDATE calls SET leased = 1, due_at = ? WHERE id = ?")
            .bind(lease_until)
            .bind(call.id)
            .run();
    }
    return calls;
}

std::optional<Time> next_due(Database& database, Time now, const std::string& service) {
    const bool paused = paused_until(database, service, now).has_value();
    // A call that is not next is not claimable, however long it has been due: counting it here
    // would make the executor spin.
    Statement row =
        database.prepare(std::string("SELECT c.due_at FROM calls c WHERE c.state = 'pending' AND") +
                         may_be_asked(paused) + "AND" + is_next + "ORDER BY c.due_at LIMIT 1");
    row.bind(now);
    if (!row.step()) return std::nullopt;
    return row.time(0);
}

int clock_set_back(Database& database, Time now, Time lease_until) {
    shorten_pauses(database, now);
    database
        .prepare(
            "UPDATE calls SET due_at = ?1 WHERE state = 'pending' AND leased = 1 AND due_at > ?1")
        .bind(lease_until)
        .run();
    int moved = database.changes();
    database
        .prepare(
            "UPDATE calls SET due_at = ?1 + max(due_at - coalesce(last_tried_at, planned_at), 0),"
            " planned_at = min(planned_at, ?1), last_tried_at = min(last_tried_at, ?1)"
            " WHERE state = 'pending' AND leased = 0"
            " AND coalesce(last_tried_at, planned_at) > ?1 + ?2")
        .bind(now)
        .bind(clock_slack.count())
        .run();
    moved += database.changes();
    database
        .prepare("UPDATE calls SET last_tried_at = ?1 WHERE state = 'held' AND last_tried_at > ?1")
        .bind(now)
        .run();
    return moved + database.changes();
}

}  // namespace runs_agent::store
