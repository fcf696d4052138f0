// SPDX-License-Identifier: MIT
#include "store/postgres/planning.hpp"

#include "store/postgres/call_endings.hpp"
#include "store/postgres/lanes.hpp"

namespace runs_agent::store {

using postgres::Connection;

namespace {

void plan(Connection& connection, std::int64_t delivery, const std::string& repository,
          const decide::PlannedCall& call, Time now) {
    const std::string key = call.key();
    // The delivery that planned it first still shows it.
    // Before the row is taken over: afterwards it names the new delivery.
    if (!call.only_if_in_progress)
        connection
            .prepare(
                "INSERT INTO moved_calls(delivery_id, call_id) SELECT delivery_id, id FROM calls"
                " WHERE key = ?1 AND delivery_id <> ?2 AND only_if_in_progress = 1"
                " AND changed = 0 ON CONFLICT DO NOTHING")
            .bind(key)
            .bind(delivery)
            .run();
    // The same key again is the same call. Only a call that may be sent outright replaces one that
    // was to look first, as long as that one has not done anything.
    connection
        .prepare(
            "INSERT INTO calls(key, delivery_id, host, run_id, attempt, repository, operation,"
            " rule, project_id, ci_build_id, only_if_in_progress, reason, machine_id,"
            " claimed_before, as_of, life, state, planned_at, due_at, lane)"
            " VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,'pending',?,?,?)"
            " ON CONFLICT(key) DO UPDATE SET delivery_id = excluded.delivery_id,"
            " rule = excluded.rule, reason = excluded.reason, only_if_in_progress = 0,"
            " as_of = excluded.as_of,"
            " state = 'pending', planned_at = excluded.planned_at, due_at = excluded.due_at,"
            " leased = 0, leased_by = '', tries = 0, not_found = 0, first_tried_at = NULL,"
            " finished_at = NULL, withdrawn = '',"
            // The key stays refused until an answer says otherwise, and so does the reason.
            " outcome = CASE WHEN calls.refused > 0 THEN calls.outcome ELSE '' END"
            " WHERE calls.only_if_in_progress = 1 AND excluded.only_if_in_progress = 0"
            " AND calls.changed = 0")
        .bind(key)
        .bind(delivery)
        .bind(call.run.host)
        .bind(call.run.run_id)
        .bind(call.attempt)
        .bind(repository)
        .bind(decide::to_string(call.operation))
        .bind(decide::to_string(call.rule))
        .bind(call.project_id)
        .bind(call.ci_build_id)
        .bind(call.only_if_in_progress)
        .bind(call.reason)
        .bind(call.machine_id)
        .bind(call.claimed_before)
        .bind(call.as_of)
        .bind(call.life)
        .bind(now)
        .bind(now + call.delay)
        .bind(call_lane(call))
        .run();
}

}  // namespace

void record_decision(Connection& connection, std::int64_t delivery, const std::string& repository,
                     const decide::Decision& decision, Time now) {
    // Withdrawn before planned: a call that is planned again under the same key is wanted again.
    for (const auto& withdrawal : decision.withdrawn) withdraw(connection, withdrawal, now);
    for (const auto& call : decision.calls) plan(connection, delivery, repository, call, now);
    connection
        .prepare(
            "UPDATE deliveries SET decided_at = ?, rule = ?, reason = ?, policy = ? WHERE id = ?")
        .bind(now)
        .bind(decide::to_string(decision.rule))
        .bind(decision.reason)
        .bind(decision.policy)
        .bind(delivery)
        .run();
}

}  // namespace runs_agent::store
