// SPDX-License-Identifier: MIT
#include "store/sqlite/call_endings.hpp"

#include "store/rules_of_both.hpp"
#include "store/sqlite/deliveries.hpp"

namespace runs_agent::store {

using sqlite::Database;
using sqlite::Statement;

namespace {

/// Ends what is withdrawn and fits `which` (?2 is `value`), but for what succeeded, or is under
/// way.
template <class Value>
void finish_withdrawn_where(Database& database, const char* which, const Value& value, Time now) {
    database
        .prepare(std::string("UPDATE calls SET state = 'succeeded', finished_at = ?1, refused = 0,"
                             " outcome = 'not needed any more: ' || withdrawn ||"
                             " CASE outcome WHEN '' THEN '' ELSE '; before: ' || outcome END"
                             " WHERE withdrawn <> '' AND leased = 0 AND state NOT IN"
                             " ('succeeded', 'dropped') AND ") +
                 which)
        .bind(now)
        .bind(value)
        .run();
}

/// Ends the call of that key, where it is withdrawn, is not under way, and had not succeeded.
void finish_withdrawn(Database& database, const std::string& key, Time now) {
    finish_withdrawn_where(database, "key = ?2", key, now);
}

}  // namespace

void record_try(Database& database, const Call& claimed, const Try& tried, const AfterTry& after) {
    database.prepare("INSERT INTO tries(call_id, at, took, status, result) VALUES(?,?,?,?,?)")
        .bind(claimed.id)
        .bind(tried.at)
        .bind(tried.took.count())
        .bind(tried.status)
        .bind(tried.result)
        .run();
    const bool finished = after.state == CallState::succeeded || after.state == CallState::dead;
    // `tries` and `only_if_in_progress` as claimed: if they differ, the call was planned anew or
    // replayed in the meantime, and this try says nothing about that.
    database
        .prepare(
            "UPDATE calls SET state = ?, due_at = ?, leased = 0, tries = tries + 1,"
            " not_found = not_found + ?, first_tried_at = coalesce(first_tried_at, ?),"
            " last_tried_at = ?, finished_at = ?, changed = max(changed, ?), outcome = ?,"
            " refused = CASE WHEN ? THEN refused + 1 ELSE 0 END,"
            " specs = coalesce(specs + ?, specs, ?)"
            " WHERE id = ? AND tries = ? AND only_if_in_progress = ?")
        .bind(to_string(after.state))
        .bind(after.due_at)
        .bind(after.was_not_found)
        .bind(tried.at)
        .bind(tried.at)
        .bind(finished ? std::optional<Time>(tried.at + tried.took) : std::nullopt)
        .bind(after.changed)
        .bind(after.outcome)
        .bind(after.state == CallState::held)
        .bind(after.specs)
        .bind(after.specs)
        .bind(claimed.id)
        .bind(claimed.tries)
        .bind(claimed.planned.only_if_in_progress)
        .run();
    // After the UPDATE, which ends the lease: a call that is leased is not finished.
    finish_withdrawn(database, claimed.planned.key(), tried.at + tried.took);
}

void withdraw(Database& database, const decide::Withdrawal& withdrawal, Time now) {
    database.prepare("UPDATE calls SET withdrawn = ? WHERE key = ?")
        .bind(withdrawal.reason)
        .bind(withdrawal.key)
        .run();
    finish_withdrawn(database, withdrawal.key, now);
}

void finish_withdrawn_and_abandoned(Database& database, Time now) {
    database
        .prepare(
            "UPDATE calls SET leased = 0 WHERE state = 'pending' AND withdrawn <> ''"
            " AND due_at <= ?")
        .bind(now)
        .run();
    if (database.changes() > 0)
        finish_withdrawn_where(database, "state = ?2", std::string("pending"), now);
}

std::optional<std::string> not_wanted(Database& database, std::int64_t call_id) {
    Statement row = database.prepare("SELECT state, withdrawn, outcome FROM calls WHERE id = ?");
    if (!row.bind(call_id).step()) return "it is not kept any more";
    if (std::string withdrawn = row.text(1); !withdrawn.empty()) return withdrawn;
    if (row.text(0) == to_string(CallState::pending)) return std::nullopt;
    return "it has ended meanwhile (" + row.text(2) + ")";
}

int recover(Database& database, Time now) {
    database
        .prepare("UPDATE calls SET leased = 0, due_at = ? WHERE state = 'pending' AND leased = 1")
        .bind(now)
        .run();
    const int recovered = database.changes();
    // After the UPDATE, for the same reason as in record_try().
    finish_withdrawn_where(database, "state = ?2", std::string("pending"), now);
    return recovered;
}

void release(Database& database, const std::vector<std::int64_t>& call_ids, Time now) {
    for (const std::int64_t id : call_ids) {
        database.prepare("UPDATE calls SET leased = 0, due_at = ? WHERE id = ? AND leased = 1")
            .bind(now)
            .bind(id)
            .run();
        // After the UPDATE, for the same reason as in record_try().
        finish_withdrawn_where(database, "id = ?2", id, now);
    }
}

int resume_held(Database& database, Time now, std::chrono::milliseconds pause, int limit) {
    // The longest held first: with a limit of one, each probe is another call's.
    database
        .prepare(
            "UPDATE calls SET state = 'pending', due_at = ?1, tries = 0, not_found = 0,"
            " first_tried_at = NULL, finished_at = NULL WHERE id IN (SELECT id FROM calls"
            " WHERE state = 'held' AND last_tried_at + min(?2 << min(refused - 1, 10), ?2 * 20)"
            " <= ?1 ORDER BY last_tried_at LIMIT ?3)")
        .bind(now)
        .bind(pause.count())
        .bind(limit)
        .run();
    return database.changes();
}

Result<int> replay(Database& database, const std::string& guid, Time now) {
    const auto found = find_delivery(database, guid);
    if (found.has_error()) return found.error();
    database
        .prepare(
            "UPDATE calls SET state = 'pending', due_at = ?1, leased = 0, tries = 0, not_found = 0,"
            " first_tried_at = NULL, finished_at = NULL, changed = 0, outcome = '', refused = 0,"
            " specs = NULL WHERE delivery_id = ?2 AND leased = 0 AND withdrawn = ''")
        .bind(now)
        .bind(found->id)
        .run();
    const int reopened = database.changes();
    if (reopened > 0) return reopened;
    Statement withdrawn = database.prepare(
        "SELECT withdrawn FROM calls WHERE delivery_id = ? AND withdrawn <> '' ORDER BY id");
    if (withdrawn.bind(found->id).step()) return all_withdrawn(withdrawn.text(0));
    Statement any = database.prepare("SELECT 1 FROM calls WHERE delivery_id = ?");
    if (any.bind(found->id).step()) return under_way();
    database
        .prepare(
            "UPDATE deliveries SET decided_at = NULL, rule = '', reason = '', policy = NULL,"
            " replayed = 1 WHERE id = ? AND facts IS NOT NULL")
        .bind(found->id)
        .run();
    return 0;
}

Result<int> drop(Database& database, const std::string& guid, Time now) {
    const auto found = find_delivery(database, guid);
    if (found.has_error()) return found.error();
    database
        .prepare(
            "UPDATE calls SET state = 'dropped', finished_at = ?1, refused = 0,"
            " outcome = 'given up by hand' || CASE outcome WHEN '' THEN '' ELSE ': ' || outcome END"
            " WHERE delivery_id = ?2 AND state IN ('pending', 'held', 'dead') AND leased = 0")
        .bind(now)
        .bind(found->id)
        .run();
    return database.changes();
}

}  // namespace runs_agent::store
