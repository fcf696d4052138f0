#include "store/sqlite/operations.hpp"

namespace runs_agent::store {

using sqlite::Database;
using sqlite::Statement;

namespace {

constexpr const char* call_columns =
    "c.id, d.guid, c.host, c.run_id, c.attempt, c.repository, c.operation, c.rule, c.project_id,"
    " c.ci_build_id, c.only_if_in_progress, c.reason, c.state, c.planned_at, c.due_at, c.tries,"
    " c.not_found, c.first_tried_at, c.finished_at, c.outcome, c.machine_id, c.claimed_before,"
    " c.as_of, c.life";

decide::Rule rule_of(std::string_view name) {
    using decide::Rule;
    for (const Rule rule :
         {Rule::cancelled, Rule::orphaned, Rule::rerun, Rule::superseded, Rule::dead_runner})
        if (decide::to_string(rule) == name) return rule;
    return Rule::none;
}

/// What GitHub is asked and what the Runs API is asked do not wait for each other.
/// Fits a call that no earlier one of its run and project must go before. One that waits for its
/// run to be recorded (answered 404) lets others by: there may never be such a run. So does one
/// that is planned for later. ?1 is now.
constexpr const char* is_next =
    " NOT EXISTS (SELECT 1 FROM calls e WHERE e.host = c.host AND e.run_id = c.run_id"
    "  AND e.project_id = c.project_id AND e.id < c.id AND e.state IN ('pending', 'held')"
    "  AND (e.operation IN ('cancel-workflow', 'force-cancel-workflow'))"
    "    = (c.operation IN ('cancel-workflow', 'force-cancel-workflow'))"
    "  AND NOT (e.state = 'pending' AND e.leased = 0 AND (e.not_found > 0 OR e.tries = 0) AND "
    "e.due_at > ?1)) ";

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
    return call;
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

/// Of the time between two tries; a pause that a service asks for is no longer.
constexpr std::chrono::milliseconds longest_gap = std::chrono::hours(1);

/// Between the tries since the call was planned or replayed, and since the last one.
std::chrono::milliseconds tried_for(Database& database, const Call& call, Time now) {
    Statement row = database.prepare(
        "SELECT coalesce(sum(min(max(next - at, 0), ?1)), 0) FROM"
        " (SELECT at, lead(at, 1, ?2) OVER (ORDER BY id) AS next FROM"
        "  (SELECT id, at FROM tries WHERE call_id = ?3 ORDER BY id DESC LIMIT ?4))");
    row.bind(longest_gap.count()).bind(now).bind(call.id).bind(call.tries);
    row.step();
    return std::chrono::milliseconds(row.integer(0));
}

std::int64_t count(Database& database, std::string_view sql) {
    Statement row = database.prepare(sql);
    row.step();
    return row.integer(0);
}

}  // namespace

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

/// Withdrawn while it was under way, and how that ended could not be recorded.
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

std::vector<Call> claim_due(Database& database, Time now, Time lease_until, int limit) {
    give_up_unknown(database, now);
    finish_withdrawn_and_abandoned(database, now);
    std::vector<Call> calls;
    {
        Statement rows = database.prepare(std::string("SELECT ") + call_columns +
                                          " FROM calls c JOIN deliveries d ON d.id = c.delivery_id"
                                          " WHERE c.state = 'pending' AND c.due_at <= ?1 AND" +
                                          is_next + "ORDER BY c.due_at, c.id LIMIT ?2");
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

std::optional<Time> next_due(Database& database, Time now) {
    // A call that is not next is not claimable, however long it has been due: counting it here
    // would make the executor spin.
    Statement row =
        database.prepare(std::string("SELECT c.due_at FROM calls c WHERE c.state = 'pending' AND") +
                         is_next + "ORDER BY c.due_at LIMIT 1");
    row.bind(now);
    if (!row.step()) return std::nullopt;
    return row.time(0);
}

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
            " refused = CASE WHEN ? THEN refused + 1 ELSE 0 END"
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
        .bind(claimed.id)
        .bind(claimed.tries)
        .bind(claimed.planned.only_if_in_progress)
        .run();
    finish_withdrawn(database, claimed.planned.key(), tried.at + tried.took);
}

void finish_withdrawn(Database& database, const std::string& key, Time now) {
    finish_withdrawn_where(database, "key = ?2", key, now);
}

std::optional<std::string> not_wanted(Database& database, std::int64_t call_id) {
    Statement row = database.prepare("SELECT state, withdrawn, outcome FROM calls WHERE id = ?");
    if (!row.bind(call_id).step()) return "it is not kept any more";
    if (std::string withdrawn = row.text(1); !withdrawn.empty()) return withdrawn;
    if (row.text(0) == to_string(CallState::pending)) return std::nullopt;
    return "it has ended meanwhile (" + row.text(2) + ")";
}

int clock_set_back(Database& database, Time now, Time lease_until) {
    // A little more than what is planned and tried side by side may differ by.
    constexpr std::chrono::milliseconds slack = std::chrono::seconds(5);
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
        .bind(slack.count())
        .run();
    moved += database.changes();
    database
        .prepare("UPDATE calls SET last_tried_at = ?1 WHERE state = 'held' AND last_tried_at > ?1")
        .bind(now)
        .run();
    return moved + database.changes();
}

int recover(Database& database, Time now) {
    database
        .prepare("UPDATE calls SET leased = 0, due_at = ? WHERE state = 'pending' AND leased = 1")
        .bind(now)
        .run();
    const int recovered = database.changes();
    finish_withdrawn_where(database, "state = ?2", std::string("pending"), now);
    return recovered;
}

void release(Database& database, const std::vector<std::int64_t>& call_ids, Time now) {
    for (const std::int64_t id : call_ids) {
        database.prepare("UPDATE calls SET leased = 0, due_at = ? WHERE id = ? AND leased = 1")
            .bind(now)
            .bind(id)
            .run();
        finish_withdrawn_where(database, "id = ?2", id, now);
    }
}

int resume_held(Database& database, Time now, std::chrono::milliseconds pause, int limit) {
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

Backlog backlog(Database& database) {
    Backlog found;
    found.undecided = count(database, "SELECT count(*) FROM deliveries WHERE decided_at IS NULL");
    found.pending =
        count(database, "SELECT count(*) FROM calls WHERE state = 'pending' AND refused = 0");
    found.held = count(database,
                       "SELECT count(*) FROM calls WHERE refused > 0 AND state IN"
                       " ('pending', 'held')");
    found.dead = count(database, "SELECT count(*) FROM calls WHERE state = 'dead'");
    Statement newest = database.prepare(
        "SELECT outcome FROM calls WHERE refused > 0 AND state IN ('pending', 'held')"
        " ORDER BY last_tried_at DESC LIMIT 1");
    if (newest.step()) found.held_because = newest.text(0);
    return found;
}

}  // namespace runs_agent::store
