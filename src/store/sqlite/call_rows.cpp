// SPDX-License-Identifier: MIT
#include "store/sqlite/call_rows.hpp"

namespace runs_agent::store {

using sqlite::Database;
using sqlite::Statement;

const char* const call_columns =
    "c.id, d.guid, c.host, c.run_id, c.attempt, c.repository, c.operation, c.rule, c.project_id,"
    " c.ci_build_id, c.only_if_in_progress, c.reason, c.state, c.planned_at, c.due_at, c.tries,"
    " c.not_found, c.first_tried_at, c.finished_at, c.outcome, c.machine_id, c.claimed_before,"
    " c.as_of, c.life, d.received_at";

namespace {

decide::Rule rule_of(std::string_view name) {
    using decide::Rule;
    for (const Rule rule :
         {Rule::cancelled, Rule::orphaned, Rule::rerun, Rule::superseded, Rule::dead_runner})
        if (decide::to_string(rule) == name) return rule;
    return Rule::none;
}

std::vector<Try> tries_of(Database& database, std::int64_t call_id) {
    Statement rows = database.prepare(
        "SELECT at, took, status, result FROM tries WHERE call_id = ? ORDER BY id");
    rows.bind(call_id);
    std::vector<Try> tries;
    while (rows.step())
        tries.push_back({rows.time(0), std::chrono::milliseconds(rows.integer(1)),
                         static_cast<int>(rows.integer(2)), rows.text(3)});
    return tries;
}

}  // namespace

Call read_call(const Statement& row) {
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

std::vector<CallHistory> calls_of_delivery(Database& database, std::int64_t delivery_id) {
    std::vector<CallHistory> calls;
    Statement rows = database.prepare(std::string("SELECT ") + call_columns +
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

}  // namespace runs_agent::store
