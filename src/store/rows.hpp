// SPDX-License-Identifier: MIT
// Rows of the tables as values, for both backends: the columns to ask for, and what reads them of a
// row, sqlite::Statement or postgres::Statement.
#pragma once

#include "store/facts_json.hpp"
#include "store/store.hpp"

#include <string>
#include <string_view>

namespace runs_agent::store {

/// What read_attempt() reads, of `attempts a`.
inline constexpr const char* attempt_columns =
    "a.attempt, a.started_at, a.alive_at, a.ended_started_at, a.ended_at, a.conclusion,"
    " a.ended_before, a.first_started_at, a.unclear, a.ended_first, a.tellings";

template <class Row>
decide::KnownAttempt read_attempt(const Row& row) {
    decide::KnownAttempt attempt;
    attempt.attempt = static_cast<int>(row.integer(0));
    attempt.alive = {row.time(1), row.time(2)};
    attempt.ended = {row.time(3), row.time(4)};
    attempt.conclusion = row.text(5);
    attempt.ended_before_that = row.time(6);
    attempt.first_started_at = row.time(7);
    attempt.doubt = static_cast<decide::Doubt>(row.integer(8));
    attempt.ended_first_at = row.time(9);
    attempt.tellings = decide::parse_tellings(row.text(10));
    return attempt;
}

/// What read_run() reads, behind attempt_columns.
inline constexpr const char* run_columns =
    "a.host, a.run_id, a.run_number, a.head_sha, a.created_at";

template <class Row>
decide::KnownRun read_run(const Row& row) {
    decide::KnownRun run;
    run.newest = read_attempt(row);
    run.key = {row.text(11), row.integer(12)};
    run.run_number = row.integer(13);
    run.head_sha = row.text(14);
    run.created_at = row.time(15);
    return run;
}

/// "R1" to "R6"; Rule::none for what this version does not know.
decide::Rule rule_of(std::string_view name);

/// What read_call() reads, of `calls c` joined with `deliveries d`.
inline constexpr const char* call_columns =
    "c.id, d.guid, c.host, c.run_id, c.attempt, c.repository, c.operation, c.rule, c.project_id,"
    " c.ci_build_id, c.only_if_in_progress, c.reason, c.state, c.planned_at, c.due_at, c.tries,"
    " c.not_found, c.first_tried_at, c.finished_at, c.outcome, c.machine_id, c.claimed_before,"
    " c.as_of, c.life, d.received_at";

template <class Row>
Call read_call(const Row& row) {
    Call call;
    call.id = row.integer(0);
    call.delivery = row.text(1);
    call.planned.run = {row.text(2), row.integer(3)};
    call.planned.attempt = static_cast<int>(row.integer(4));
    call.repository = row.text(5);
    // What this version does not know is claimed by nobody: see give_up_unknown().
    call.planned.operation =
        decide::parse_operation(row.text(6)).value_or(decide::Operation::cancel_workflow);
    call.planned.rule = rule_of(row.text(7));
    call.planned.project_id = row.text(8);
    call.planned.ci_build_id = row.text(9);
    call.planned.only_if_in_progress = row.integer(10) != 0;
    call.planned.reason = row.text(11);
    call.state = parse_call_state(row.text(12)).value_or(CallState::dead);
    call.planned_at = row.time(13);
    call.due_at = row.time(14);
    call.tries = static_cast<int>(row.integer(15));
    call.not_found = static_cast<int>(row.integer(16));
    call.first_tried_at = row.optional_time(17);
    call.finished_at = row.optional_time(18);
    call.outcome = row.text(19);
    call.planned.machine_id = row.text(20);
    call.planned.claimed_before = row.time(21);
    call.planned.as_of = row.time(22);
    call.planned.life = row.time(23);
    call.received_at = row.time(24);
    return call;
}

template <class Database>
std::vector<Try> tries_of(Database& database, std::int64_t call_id) {
    auto rows = database.prepare(
        "SELECT at, took, status, result FROM tries WHERE call_id = ? ORDER BY id");
    rows.bind(call_id);
    std::vector<Try> tries;
    while (rows.step())
        tries.push_back({rows.time(0), std::chrono::milliseconds(rows.integer(1)),
                         static_cast<int>(rows.integer(2)), rows.text(3)});
    return tries;
}

/// Those that the delivery planned, and those that it had planned before a later one took them
/// over.
template <class Database>
std::vector<CallHistory> calls_of_delivery(Database& database, std::int64_t delivery_id) {
    std::vector<CallHistory> calls;
    auto rows = database.prepare(std::string("SELECT ") + call_columns +
                                 " FROM calls c JOIN deliveries d ON d.id = c.delivery_id"
                                 " WHERE c.delivery_id = ?1 OR c.id IN (SELECT call_id FROM"
                                 " moved_calls WHERE delivery_id = ?1) ORDER BY c.id");
    rows.bind(delivery_id);
    while (rows.step()) {
        CallHistory history;
        history.call = read_call(rows);
        history.tries = tries_of(database, history.call.id);
        calls.push_back(std::move(history));
    }
    return calls;
}

/// What read_delivery() reads, of `deliveries d`; column 0 is its id.
/// `c.state || ''`: as in is_next (rules_of_both.hpp).
inline constexpr const char* delivery_columns =
    "d.id, d.guid, d.event, d.action, d.host, d.repository, d.received_at, d.decided_at, d.rule,"
    " d.reason, d.facts,"
    " (SELECT count(*) FROM calls c WHERE c.delivery_id = d.id),"
    " (SELECT count(*) FROM calls c WHERE c.delivery_id = d.id"
    " AND c.state || '' IN ('pending','held')),"
    " (SELECT count(*) FROM calls c WHERE c.delivery_id = d.id AND c.refused > 0"
    " AND c.state || '' IN ('pending','held')),"
    " (SELECT count(*) FROM calls c WHERE c.delivery_id = d.id AND c.state = 'dead'),"
    " (SELECT count(*) FROM calls c WHERE c.delivery_id = d.id AND c.state = 'dropped'), d.policy";
inline constexpr int delivery_column_count = 17;

template <class Row>
DeliveryRow read_delivery(const Row& row) {
    DeliveryRow delivery;
    delivery.guid = row.text(1);
    delivery.event = row.text(2);
    delivery.action = row.text(3);
    delivery.host = row.text(4);
    delivery.repository = row.text(5);
    delivery.received_at = row.time(6);
    delivery.decided_at = row.optional_time(7);
    delivery.rule = row.text(8);
    delivery.reason = row.text(9);
    if (!row.is_null(10)) {
        const std::string facts = row.text(10);
        delivery.run = parse_run_facts(facts);
        if (const auto event = parse_facts(facts))
            if (const auto* const job = std::get_if<decide::WorkflowJob>(&*event))
                delivery.job = *job;
    }
    delivery.calls = static_cast<int>(row.integer(11));
    delivery.calls_open = static_cast<int>(row.integer(12));
    delivery.calls_held = static_cast<int>(row.integer(13));
    delivery.calls_dead = static_cast<int>(row.integer(14));
    delivery.calls_dropped = static_cast<int>(row.integer(15));
    if (delivery.decided_at && !row.is_null(16)) delivery.policy = row.text(16);
    return delivery;
}

/// What read_known_call() reads, of `calls`.
inline constexpr const char* known_call_columns =
    "key, only_if_in_progress, operation, attempt, project_id, as_of, withdrawn";

/// Absent: another version planned it, and that is none of our business.
template <class Row>
std::optional<decide::KnownCall> read_known_call(const Row& row, const decide::RunKey& run) {
    const auto operation = decide::parse_operation(row.text(2));
    if (!operation) return std::nullopt;
    return decide::KnownCall{row.text(0),
                             row.integer(1) != 0,
                             *operation,
                             run,
                             static_cast<int>(row.integer(3)),
                             row.text(4),
                             row.time(5),
                             !row.text(6).empty()};
}

}  // namespace runs_agent::store
