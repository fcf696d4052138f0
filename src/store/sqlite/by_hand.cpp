// SPDX-License-Identifier: MIT
#include "store/sqlite/by_hand.hpp"

#include "store/by_hand.hpp"
#include "store/sqlite/call_endings.hpp"
#include "store/sqlite/searching.hpp"

namespace runs_agent::store {

using sqlite::Database;
using sqlite::Statement;

namespace {

struct Hands {
    Database& database;

    Result<Looked> look_for(const DeliverySearch& search) {
        return store::look_for(database, search);
    }
    Result<int> replay(const std::string& guid, Time now) {
        return store::replay(database, guid, now);
    }
    Result<int> drop(const std::string& guid, Time now) { return store::drop(database, guid, now); }
    std::string guid_of(std::int64_t id) { return store::guid_of(database, id); }
    void record(const HandRecord& record) { record_act(database, record); }
    void begin_trial() { database.execute("SAVEPOINT try_out"); }
    void end_trial() { database.execute("ROLLBACK TO try_out; RELEASE try_out"); }
};

std::int64_t number(Database& database, const char* sql, Time from, Time to) {
    Statement row = database.prepare(sql);
    row.bind(from).bind(to).step();
    return row.integer(0);
}

}  // namespace

Result<HandOutcome> act(Database& database, const ByHand& act, const DeliverySearch& which,
                        Time now) {
    return Acting(Hands{database}, act, now).on(which);
}

std::vector<HandRecord> acts(Database& database, const std::string& delivery, int limit) {
    return read_acts(database, delivery, limit);
}

Replays replays_after(Database& database, std::int64_t last) {
    return count_replays(database, last);
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
        Statement resets = database.prepare(
            "SELECT count(*), coalesce(sum(specs), 0), coalesce(sum(specs IS NULL), 0) FROM calls"
            " WHERE changed = 1 AND finished_at >= ? AND finished_at < ?"
            " AND operation = 'reset-run'");
        resets.bind(one.from).bind(to).step();
        one.reopened = resets.integer(0);
        one.specs = resets.integer(1);
        one.uncounted = resets.integer(2);
        one.dead = number(database,
                          "SELECT count(*) FROM calls WHERE state = 'dead' AND finished_at >= ?"
                          " AND finished_at < ?",
                          one.from, to);
        counts.push_back(one);
    }
    return counts;
}

}  // namespace runs_agent::store
