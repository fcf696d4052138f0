// SPDX-License-Identifier: MIT
#include "store/postgres/turns.hpp"

#include "store/postgres/call_endings.hpp"
#include "store/postgres/lanes.hpp"
#include "store/rows.hpp"
#include "store/rules_of_both.hpp"

#include <algorithm>
#include <span>

namespace runs_agent::store {

using postgres::Connection;
using postgres::Statement;

namespace {

/// Fits `calls c`.
constexpr const char* is_known =
    " c.operation IN ('cancel-ci', 'cancel-run', 'reset-run', 'cancel-workflow',"
    " 'force-cancel-workflow') ";

/// A call that waits, and that no other replica is at. Fits `calls c`; ?2 is this replica.
constexpr const char* is_free = " c.state = 'pending' AND (c.leased = 0 OR c.leased_by = ?2) ";

/// The same of calls that are named: `c.state || ''`, so that they are looked up by their ids, and
/// not in an index of those that wait, which may be taken for short (see is_next).
constexpr const char* is_still_free =
    " c.state || '' = 'pending' AND (c.leased = 0 OR c.leased_by = ?2) ";

/// A replica of a newer version may have planned what this one cannot do, and will do it. Where it
/// has not for so long, there is none any more: then it must not keep the others from being done.
constexpr std::chrono::milliseconds unknown_for = std::chrono::hours(1);

void give_up_unknown(Connection& connection, Time now) {
    connection
        .prepare(std::string("UPDATE calls SET state = 'dead', finished_at = ?1,"
                             " outcome = 'the operation ' || operation || ' was planned by another"
                             " version of this program; use that one and replay it' WHERE id IN"
                             " (SELECT c.id FROM calls c WHERE c.state = 'pending'"
                             " AND c.leased = 0 AND c.due_at <= ?2 AND NOT") +
                 is_known + "FOR UPDATE SKIP LOCKED)")
        .bind(now)
        .bind(now - unknown_for)
        .run();
}

/// Between the tries since the call was planned or replayed, and since the last one.
std::chrono::milliseconds tried_for(Connection& connection, const Call& call, Time now) {
    if (call.tries == 0) return {};
    // The last of them alone: a replay sets the count to 0 and keeps the rows.
    Statement row = connection.prepare(
        "SELECT CAST(coalesce(sum(least(greatest(next - at, 0), ?1)), 0) AS BIGINT) FROM"
        " (SELECT at, lead(at, 1, ?2) OVER (ORDER BY id) AS next FROM"
        "  (SELECT id, at FROM tries WHERE call_id = ?3 ORDER BY id DESC LIMIT ?4) AS last)"
        " AS pairs");
    row.bind(longest_gap.count()).bind(now).bind(call.id).bind(call.tries);
    row.step();
    return std::chrono::milliseconds(row.integer(0));
}

struct Candidates {
    std::vector<std::int64_t> ids;  // the longest due first
    std::vector<std::int64_t> lanes;
};

Candidates candidates(Connection& connection, const Replica& self, Time now, int limit,
                      bool paused) {
    Statement rows = connection.prepare(
        std::string("SELECT c.id, c.lane FROM calls c WHERE c.due_at <= ?1 AND") + is_free + "AND" +
        is_known + "AND" + may_be_asked(paused) + "AND" + is_next +
        "ORDER BY c.due_at, c.id LIMIT ?3");
    rows.bind(now).bind(self.id).bind(limit);
    Candidates found;
    while (rows.step()) {
        found.ids.push_back(rows.integer(0));
        found.lanes.push_back(rows.integer(1));
    }
    return found;
}

}  // namespace

Claimed claim_due(Connection& connection, const Replica& self, const std::string& claim, Time now,
                  Time lease_until, int limit, const std::string& service) {
    // In this order: what nobody can do, and what is withdrawn, must not stand before others when
    // it is asked whose turn it is.
    give_up_unknown(connection, now);
    finish_withdrawn_and_abandoned(connection, self, now);
    // More than are wanted: other replicas may be at the first of them.
    constexpr int spare = 64;
    const auto wanted = static_cast<std::size_t>(limit);
    const bool paused = is_paused(connection, self, service);
    const Candidates found =
        candidates(connection, self, now, limit > spare ? limit : limit + spare, paused);
    Claimed claimed;
    if (found.ids.empty()) return claimed;
    HeldLanes lanes(connection, self.salt);
    std::vector<std::int64_t> mine;
    for (std::size_t from = 0; from < found.ids.size() && mine.size() < wanted; from += wanted) {
        const std::size_t count = std::min(wanted, found.ids.size() - from);
        lanes.try_all(std::span(found.lanes).subspan(from, count));
        for (std::size_t i = from; i < from + count; ++i)
            if (lanes.has(found.lanes[i])) mine.push_back(found.ids[i]);
    }
    // Asked once more, now that nobody else can claim in these lanes: what others had claimed
    // before is committed, and seen.
    Statement rows = connection.prepare(
        std::string("SELECT ") + call_columns +
        " FROM calls c JOIN deliveries d ON d.id = c.delivery_id WHERE c.id = ANY(?3)"
        " AND c.due_at <= ?1 AND" +
        is_still_free + "AND" + may_be_asked(paused) + "AND" + is_next +
        "ORDER BY c.due_at, c.id LIMIT ?4 FOR UPDATE OF c SKIP LOCKED");
    rows.bind(now).bind(self.id).bind_array(mine).bind(limit);
    std::vector<std::int64_t> ids;
    while (rows.step()) {
        claimed.calls.push_back(read_call(rows));
        ids.push_back(claimed.calls.back().id);
    }
    claimed.contended = ids.size() < std::min(wanted, found.ids.size());
    if (ids.empty()) return claimed;
    for (Call& call : claimed.calls) call.tried_for = tried_for(connection, call, now);
    connection
        .prepare(
            "UPDATE calls SET leased = 1, leased_by = ?, claim = ?, due_at = ? WHERE id = ANY(?)")
        .bind(self.id)
        .bind(claim)
        .bind(lease_until)
        .bind_array(ids)
        .run();
    return claimed;
}

void give_up_claim(Connection& connection, const Replica& self, const std::string& claim,
                   Time now) {
    connection
        .prepare(
            "UPDATE calls SET leased = 0, due_at = ?1 WHERE leased = 1 AND leased_by = ?2"
            " AND claim = ?3")
        .bind(now)
        .bind(self.id)
        .bind(claim)
        .run();
}

bool is_paused(Connection& connection, const Replica& self, const std::string& service) {
    constexpr std::uint64_t spread = 5'000;
    const auto own = static_cast<std::uint64_t>(lane_of({"pause", self.id})) % spread;
    Statement row = connection.prepare(
        std::string("SELECT 1 FROM pauses WHERE service = ?1 AND until + ?2 > ") +
        server_milliseconds);
    row.bind(service).bind(static_cast<std::int64_t>(own));
    return row.step();
}

std::optional<Time> next_due(Connection& connection, const Replica& self, Time now,
                             const std::string& service) {
    // A call that is not next is not claimable, however long it has been due: counting it here
    // would make the executor spin.
    Statement row =
        connection.prepare(std::string("SELECT c.due_at FROM calls c WHERE") + is_free + "AND" +
                           is_known + "AND" + may_be_asked(is_paused(connection, self, service)) +
                           "AND" + is_next + "ORDER BY c.due_at LIMIT 1");
    row.bind(now).bind(self.id);
    if (!row.step()) return std::nullopt;
    return row.time(0);
}

int clock_set_back(Connection& connection, const Replica& self, Time now, Time lease_until) {
    int moved = connection
                    .prepare(
                        "UPDATE calls SET due_at = ?1 WHERE state = 'pending' AND leased = 1"
                        " AND leased_by = ?2 AND due_at > ?1")
                    .bind(lease_until)
                    .bind(self.id)
                    .run();
    moved += connection
                 .prepare(
                     "UPDATE calls SET due_at = ?1 + greatest(due_at - coalesce(last_tried_at,"
                     " planned_at), 0), planned_at = least(planned_at, ?1),"
                     " last_tried_at = CASE WHEN last_tried_at > ?1 THEN ?1 ELSE last_tried_at END"
                     " WHERE id IN (SELECT id FROM calls"
                     " WHERE state = 'pending' AND leased = 0"
                     " AND coalesce(last_tried_at, planned_at) > ?1 + ?2 FOR UPDATE SKIP LOCKED)")
                 .bind(now)
                 .bind(clock_slack.count())
                 .run();
    return moved + connection
                       .prepare(
                           "UPDATE calls SET last_tried_at = ?1 WHERE id IN (SELECT id FROM calls"
                           " WHERE state = 'held' AND last_tried_at > ?1 FOR UPDATE SKIP LOCKED)")
                       .bind(now)
                       .run();
}

}  // namespace runs_agent::store
