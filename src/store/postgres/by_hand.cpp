// SPDX-License-Identifier: MIT
#include "store/postgres/by_hand.hpp"

#include "store/by_hand.hpp"
#include "store/postgres/call_endings.hpp"
#include "store/postgres/lanes.hpp"
#include "store/postgres/searching.hpp"

#include <random>

namespace runs_agent::store {

using postgres::Connection;
using postgres::Statement;

namespace {

void insert_act(Connection& connection, const HandRecord& record, const std::string& token) {
    connection
        .prepare(
            "INSERT INTO acts(at, act, actor, reason, delivery, subject, filter, calls, token)"
            " VALUES(?,?,?,?,?,?,?,?,?)")
        .bind(record.at)
        .bind(record.act)
        .bind(record.actor)
        .bind(record.reason)
        .bind(record.delivery)
        .bind(record.subject)
        .bind(record.filter)
        .bind(record.calls)
        .bind(token)
        .run();
}

struct Hands {
    Connection& connection;
    const std::string& token;

    Result<Looked> look_for(const DeliverySearch& search) {
        return store::look_for(connection, search);
    }
    Result<int> replay(const std::string& guid, Time now) {
        return store::replay(connection, guid, now);
    }
    Result<int> drop(const std::string& guid, Time now) {
        return store::drop(connection, guid, now);
    }
    std::string guid_of(std::int64_t id) { return store::guid_of(connection, id); }
    void record(const HandRecord& record) { insert_act(connection, record, token); }
    void begin_trial() { connection.execute("SAVEPOINT try_out"); }
    void end_trial() {
        connection.execute("ROLLBACK TO SAVEPOINT try_out; RELEASE SAVEPOINT try_out");
    }
};

/// A commit of which nobody knows how it went may still be under way at the server: what it did is
/// seen only when it is over. So each try holds a lock until its end.
void wait_for_first_try(Connection& connection, const std::string& token, std::int64_t salt) {
    connection.prepare("SELECT pg_advisory_xact_lock(?)")
        .bind(lane_of({"act", token}) ^ salt)
        .run();
}

/// What was done under that token; of several, together.
HandOutcome done_under(Connection& connection, const std::string& token) {
    Statement row = connection.prepare(
        "SELECT count(*), CAST(coalesce(sum(calls), 0) AS BIGINT) FROM acts WHERE token = ?");
    row.bind(token);
    row.step();
    HandOutcome outcome;
    outcome.deliveries = static_cast<int>(row.integer(0));
    outcome.calls = static_cast<int>(row.integer(1));
    return outcome;
}

}  // namespace

std::string new_act_token() {
    std::random_device random;
    std::string token;
    for (int i = 0; i < 24; ++i) token += "0123456789abcdef"[random() % 16];
    return token;
}

Result<HandOutcome> act(Connection& connection, const ByHand& act, const DeliverySearch& which,
                        Time now, const std::string& token, std::int64_t salt) {
    wait_for_first_try(connection, token, salt);
    if (HandOutcome done = done_under(connection, token); done.deliveries > 0) return done;
    return Acting(Hands{connection, token}, act, now).on(which);
}

std::vector<HandRecord> acts(Connection& connection, const std::string& delivery, int limit) {
    return read_acts(connection, delivery, limit);
}

Replays replays_after(Connection& connection, std::int64_t last) {
    return count_replays(connection, last);
}

void record_act(Connection& connection, const HandRecord& record, const std::string& token,
                std::int64_t salt) {
    wait_for_first_try(connection, token, salt);
    if (done_under(connection, token).deliveries == 0) insert_act(connection, record, token);
}

int prune_acts(Connection& connection, Time before, int at_most) {
    return connection
        .prepare("DELETE FROM acts WHERE id IN (SELECT id FROM acts WHERE at < ? LIMIT ?)")
        .bind(before)
        .bind(at_most)
        .run();
}

std::vector<Counts> count(Connection& connection, Time from, std::chrono::milliseconds step,
                          int steps) {
    std::vector<Counts> counts(static_cast<std::size_t>(steps));
    for (int i = 0; i < steps; ++i) counts[static_cast<std::size_t>(i)].from = from + i * step;
    const auto ask = [&](const std::string& time, const std::string& of, const std::string& what,
                         const auto& take) {
        Statement rows =
            connection.prepare("SELECT (" + time + " - ?1) / ?2, count(*), " + what + " FROM " +
                               of + " AND " + time + " >= ?1 AND " + time + " < ?3 GROUP BY 1");
        rows.bind(from).bind(step.count()).bind(from + steps * step);
        while (rows.step())
            take(counts.at(static_cast<std::size_t>(rows.integer(0))), rows.integer(1),
                 rows.integer(2));
    };
    ask("received_at", "deliveries WHERE TRUE", "count(*) FILTER (WHERE rule = 'R5')",
        [](Counts& one, std::int64_t all, std::int64_t nothing) {
            one.deliveries = all;
            one.nothing = nothing;
        });
    ask("finished_at", "calls WHERE changed = 1 AND operation <> 'reset-run'", "0",
        [](Counts& one, std::int64_t all, std::int64_t /*none*/) { one.cancelled = all; });
    ask("finished_at", "calls WHERE changed = 1 AND operation = 'reset-run'",
        "CAST(coalesce(sum(specs), 0) AS BIGINT)",
        [](Counts& one, std::int64_t all, std::int64_t specs) {
            one.reopened = all;
            one.specs = specs;
        });
    ask("finished_at", "calls WHERE changed = 1 AND operation = 'reset-run' AND specs IS NULL", "0",
        [](Counts& one, std::int64_t all, std::int64_t /*none*/) { one.uncounted = all; });
    ask("finished_at", "calls WHERE state = 'dead'", "0",
        [](Counts& one, std::int64_t all, std::int64_t /*same*/) { one.dead = all; });
    return counts;
}

}  // namespace runs_agent::store
