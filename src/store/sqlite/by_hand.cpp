// SPDX-License-Identifier: MIT
#include "store/sqlite/by_hand.hpp"

#include "store/sqlite/call_endings.hpp"
#include "store/sqlite/searching.hpp"

#include <map>

namespace runs_agent::store {

using sqlite::Database;
using sqlite::Statement;

namespace {

Result<int> do_it(Database& database, HandAct act, const std::string& guid, Time now) {
    return act == HandAct::replay ? replay(database, guid, now) : drop(database, guid, now);
}

std::string guid_of(Database& database, std::int64_t id) {
    Statement row = database.prepare("SELECT guid FROM deliveries WHERE id = ?");
    row.bind(id);
    return row.step() ? row.text(0) : std::string();
}

/// To each of them; those that must be left alone are counted by why.
HandOutcome act_on(Database& database, const ByHand& act, const std::vector<std::int64_t>& ids,
                   Time now) {
    HandOutcome outcome;
    std::map<std::string, int> left_alone;
    for (const std::int64_t id : ids) {
        const std::string guid = guid_of(database, id);
        const auto calls = do_it(database, act.act, guid, now);
        if (calls.has_error()) {
            ++left_alone[calls.error().message];
            continue;
        }
        if (*calls == 0 && act.act == HandAct::drop) {
            ++left_alone["nothing of it is left to do"];
            continue;
        }
        ++outcome.deliveries;
        outcome.calls += *calls;
        HandRecord record;
        record.at = now;
        record.act = to_string(act.act);
        record.actor = act.actor;
        record.reason = act.reason;
        record.delivery = guid;
        record.filter = act.filter;
        record.calls = *calls;
        record_act(database, record);
    }
    outcome.left_alone.assign(left_alone.begin(), left_alone.end());
    return outcome;
}

/// One that was named: what keeps it from being done is the error.
Result<HandOutcome> act_on_one(Database& database, const ByHand& act, std::int64_t id, Time now) {
    HandOutcome outcome = act_on(database, act, {id}, now);
    if (outcome.deliveries == 1) return outcome;
    const auto again = do_it(database, act.act, guid_of(database, id), now);
    if (again.has_error()) return again.error();
    return outcome;  // nothing of it was left to do
}

std::int64_t number(Database& database, const char* sql, Time from, Time to) {
    Statement row = database.prepare(sql);
    row.bind(from).bind(to).step();
    return row.integer(0);
}

}  // namespace

Result<HandOutcome> act(Database& database, const ByHand& act, const DeliverySearch& which,
                        Time now) {
    DeliverySearch bounded = which;
    bounded.limit = act.at_most;
    const auto looked = look_for(database, bounded);
    if (looked.has_error()) return looked.error();
    if (act.dry_run) database.execute("SAVEPOINT try_out");
    Result<HandOutcome> outcome = !which.id.empty() && looked->ids.size() == 1
                                      ? act_on_one(database, act, looked->ids.front(), now)
                                      : act_on(database, act, looked->ids, now);
    if (act.dry_run) database.execute("ROLLBACK TO try_out; RELEASE try_out");
    if (outcome.has_value() && looked->next) {
        bounded.before = guid_of(database, *looked->next);
        bounded.limit = 1;
        const auto rest = look_for(database, bounded);
        outcome->more = rest.has_value() && !rest->ids.empty();
    }
    return outcome;
}

std::vector<HandRecord> acts(Database& database, const std::string& delivery, int limit) {
    Statement rows = database.prepare(
        std::string("SELECT at, act, actor, reason, delivery, subject, filter, calls FROM acts ") +
        (delivery.empty() ? "" : "WHERE delivery = ? ") + "ORDER BY id DESC LIMIT ?");
    if (!delivery.empty()) rows.bind(delivery);
    rows.bind(limit);
    std::vector<HandRecord> records;
    while (rows.step())
        records.push_back({rows.time(0), rows.text(1), rows.text(2), rows.text(3), rows.text(4),
                           rows.text(5), rows.text(6), static_cast<int>(rows.integer(7))});
    return records;
}

void record_act(Database& database, const HandRecord& record) {
    database
        .prepare(
            "INSERT INTO acts(at, act, actor, reason, delivery, subject, filter, calls)"
            " VALUES(?,?,?,?,?,?,?,?)")
        .bind(record.at)
        .bind(record.act)
        .bind(record.actor)
        .bind(record.reason)
        .bind(record.delivery)
        .bind(record.subject)
        .bind(record.filter)
        .bind(record.calls)
        .run();
}

int prune_acts(Database& database, Time before, int at_most) {
    database.prepare("DELETE FROM acts WHERE id IN (SELECT id FROM acts WHERE at < ? LIMIT ?)")
        .bind(before)
        .bind(at_most)
        .run();
    return database.changes();
}

std::vector<Counts> count(Database& database, Time from, std::chrono::milliseconds span,
                          int spans) {
    std::vector<Counts> counts;
    for (int i = 0; i < spans; ++i) {
        Counts one;
        one.from = from + i * span;
        const Time to = one.from + span;
        // One look at the index for both: a busy hour has tens of thousands.
        Statement row = database.prepare(
            "SELECT count(*), coalesce(sum(rule = 'R5'), 0) FROM deliveries INDEXED BY"
            " deliveries_by_age WHERE received_at >= ? AND received_at < ?");
        row.bind(one.from).bind(to).step();
        one.deliveries = row.integer(0);
        one.nothing = row.integer(1);
        one.cancelled = number(database,
                               "SELECT count(*) FROM calls WHERE changed = 1 AND finished_at >= ?"
                               " AND finished_at < ? AND operation <> 'reset-run'",
                               one.from, to);
        one.reopened = number(database,
                              "SELECT count(*) FROM calls WHERE changed = 1 AND finished_at >= ?"
                              " AND finished_at < ? AND operation = 'reset-run'",
                              one.from, to);
        one.dead = number(database,
                          "SELECT count(*) FROM calls WHERE state = 'dead' AND finished_at >= ?"
                          " AND finished_at < ?",
                          one.from, to);
        counts.push_back(one);
    }
    return counts;
}

}  // namespace runs_agent::store
