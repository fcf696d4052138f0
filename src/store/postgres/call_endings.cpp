// SPDX-License-Identifier: MIT
#include "store/postgres/call_endings.hpp"

#include "store/postgres/deliveries.hpp"
#include "store/rules_of_both.hpp"

namespace runs_agent::store {

using postgres::Connection;
using postgres::Statement;

namespace {

/// Ends what is withdrawn and fits `which` (?2 is `value`), but for what succeeded, or is under
/// way. ?1 is now.
template <class Value>
void finish_withdrawn_where(Connection& connection, const std::string& which, const Value& value,
                            Time now) {
    connection
        .prepare(
            "UPDATE calls SET state = 'succeeded', finished_at = ?1, refused = 0,"
            " outcome = 'not needed any more: ' || withdrawn ||"
            " CASE outcome WHEN '' THEN '' ELSE '; before: ' || outcome END"
            " WHERE withdrawn <> '' AND leased = 0 AND state NOT IN"
            " ('succeeded', 'dropped') AND " +
            which)
        .bind(now)
        .bind(value)
        .run();
}

/// Ends the call of that key, where it is withdrawn, is not under way, and had not succeeded.
void finish_withdrawn(Connection& connection, const std::string& key, Time now) {
    finish_withdrawn_where(connection, "key = ?2", key, now);
}

}  // namespace

void record_try(Connection& connection, const Replica& self, const Call& claimed, const Try& tried,
                const AfterTry& after) {
    // Of a call that was pruned meanwhile nothing is kept.
    connection
        .prepare(
            "INSERT INTO tries(call_id, at, took, status, result) SELECT id, ?2, ?3, ?4, ?5"
            " FROM calls WHERE id = ?1")
        .bind(claimed.id)
        .bind(tried.at)
        .bind(tried.took.count())
        .bind(tried.status)
        .bind(tried.result)
        .run();
    const bool finished = after.state == CallState::succeeded || after.state == CallState::dead;
    // As claimed, and claimed by nobody else since: if not, the call was planned anew, replayed or
    // taken over in the meantime, and this try says nothing about that.
    connection
        .prepare(
            "UPDATE calls SET state = ?1, due_at = ?2, leased = 0, tries = tries + 1,"
            " not_found = not_found + ?3, first_tried_at = coalesce(first_tried_at, ?4),"
            " last_tried_at = ?4, finished_at = ?5, changed = greatest(changed, ?6), outcome = ?7,"
            " refused = CASE WHEN ?8 = 1 THEN refused + 1 ELSE 0 END,"
            " specs = coalesce(specs + ?13, specs, ?13)"
            " WHERE id = ?9 AND tries = ?10 AND only_if_in_progress = ?11 AND leased_by = ?12")
        .bind(to_string(after.state))
        .bind(after.due_at)
        .bind(after.was_not_found)
        .bind(tried.at)
        .bind(finished ? std::optional<Time>(tried.at + tried.took) : std::nullopt)
        .bind(after.changed)
        .bind(after.outcome)
        .bind(after.state == CallState::held)
        .bind(claimed.id)
        .bind(claimed.tries)
        .bind(claimed.planned.only_if_in_progress)
        .bind(self.id)
        .bind(after.specs)
        .run();
    // After the UPDATE, which ends the lease: a call that is leased is not finished.
    finish_withdrawn(connection, claimed.planned.key(), tried.at + tried.took);
}

void withdraw(Connection& connection, const decide::Withdrawal& withdrawal, Time now) {
    // Whoever is about to claim the call, or to record its end, waits for this transaction, or this
    // for his: the statement after it sees whether it is under way.
    connection.prepare("UPDATE calls SET withdrawn = ? WHERE key = ?")
        .bind(withdrawal.reason)
        .bind(withdrawal.key)
        .run();
    finish_withdrawn(connection, withdrawal.key, now);
}

void finish_withdrawn_and_freed(Connection& connection, Time now) {
    finish_withdrawn_where(connection,
                           "id IN (SELECT id FROM calls WHERE state = ?2 AND withdrawn <> ''"
                           " AND leased = 0 FOR UPDATE SKIP LOCKED)",
                           std::string("pending"), now);
}

void finish_withdrawn_and_abandoned(Connection& connection, const Replica& self, Time now) {
    const int abandoned = connection
                              .prepare(
                                  "UPDATE calls SET leased = 0 WHERE id IN (SELECT id FROM calls"
                                  " WHERE state = 'pending' AND withdrawn <> '' AND due_at <= ?1"
                                  " AND (leased = 0 OR leased_by = ?2) FOR UPDATE SKIP LOCKED)")
                              .bind(now)
                              .bind(self.id)
                              .run();
    if (abandoned > 0) finish_withdrawn_and_freed(connection, now);
}

Result<std::optional<std::string>> not_wanted(Connection& connection, const Replica& self,
                                              std::int64_t call_id) {
    Statement row = connection.prepare(
        "SELECT state, withdrawn, outcome, leased = 1 AND leased_by = ?2 FROM calls WHERE id = ?1");
    if (!row.bind(call_id).bind(self.id).step()) return std::string("it is not kept any more");
    if (std::string withdrawn = row.text(1); !withdrawn.empty()) return withdrawn;
    if (row.text(0) != to_string(CallState::pending))
        return "it has ended meanwhile (" + row.text(2) + ")";
    if (row.integer(3) != 0) return std::optional<std::string>();
    return fail(Errc::busy,
                "another replica takes this call over, as this one was silent for a while");
}

void release(Connection& connection, const Replica& self, const std::vector<std::int64_t>& call_ids,
             Time now) {
    for (const std::int64_t id : call_ids) {
        connection
            .prepare(
                "UPDATE calls SET leased = 0, leased_by = '', due_at = ?1 WHERE id = ?2"
                " AND leased = 1 AND leased_by = ?3")
            .bind(now)
            .bind(id)
            .bind(self.id)
            .run();
        // After the UPDATE, for the same reason as in record_try().
        finish_withdrawn_where(connection, "id = ?2", id, now);
    }
}

int resume_held(Connection& connection, Time now, std::chrono::milliseconds pause, int limit) {
    // The longest held first: with a limit of one, each probe is another call's.
    return connection
        .prepare(
            "UPDATE calls SET state = 'pending', due_at = ?1, tries = 0, not_found = 0,"
            " first_tried_at = NULL, finished_at = NULL, leased_by = '' WHERE id IN"
            " (SELECT id FROM calls WHERE state = 'held'"
            " AND last_tried_at + least(?2 << CAST(least(refused - 1, 10) AS INTEGER), ?2 * 20)"
            " <= ?1 ORDER BY last_tried_at LIMIT ?3 FOR UPDATE SKIP LOCKED)")
        .bind(now)
        .bind(pause.count())
        .bind(limit)
        .run();
}

Result<int> replay(Connection& connection, const std::string& guid, Time now) {
    const auto found = find_delivery(connection, guid);
    if (found.has_error()) return found.error();
    // Pruning passes it by from now on.
    connection.prepare("SELECT 1 FROM deliveries WHERE id = ? FOR UPDATE").bind(found->id).run();
    const int reopened =
        connection
            .prepare(
                "UPDATE calls SET state = 'pending', due_at = ?1, leased = 0, leased_by = '',"
                " tries = 0, not_found = 0, first_tried_at = NULL, finished_at = NULL, changed = 0,"
                " outcome = '', refused = 0, specs = NULL WHERE delivery_id = ?2 AND leased = 0"
                " AND withdrawn = ''")
            .bind(now)
            .bind(found->id)
            .run();
    if (reopened > 0) return reopened;
    Statement withdrawn = connection.prepare(
        "SELECT withdrawn FROM calls WHERE delivery_id = ? AND withdrawn <> '' ORDER BY id");
    if (withdrawn.bind(found->id).step()) return all_withdrawn(withdrawn.text(0));
    Statement any = connection.prepare("SELECT 1 FROM calls WHERE delivery_id = ?");
    if (any.bind(found->id).step()) return under_way();
    connection
        .prepare(
            "UPDATE deliveries SET decided_at = NULL, rule = '', reason = '', policy = NULL,"
            " replayed = 1 WHERE id = ? AND facts IS NOT NULL")
        .bind(found->id)
        .run();
    return 0;
}

Result<int> drop(Connection& connection, const std::string& guid, Time now) {
    const auto found = find_delivery(connection, guid);
    if (found.has_error()) return found.error();
    return connection
        .prepare(
            "UPDATE calls SET state = 'dropped', finished_at = ?1, refused = 0, leased_by = '',"
            " outcome = 'given up by hand' || CASE outcome WHEN '' THEN '' ELSE ': ' || outcome END"
            " WHERE delivery_id = ?2 AND state IN ('pending', 'held', 'dead') AND leased = 0")
        .bind(now)
        .bind(found->id)
        .run();
}

}  // namespace runs_agent::store
