// SPDX-License-Identifier: MIT
#include "runs_server/notifying/outbox.hpp"

#include "runs_server/answers/json_text.hpp"
#include "runs_server/notifying/hook.hpp"

#include <algorithm>
#include <tuple>

namespace runs_agent::runs_server {

using sqlite::Database;
using sqlite::Statement;

namespace {

/// Of what is given up at once.
constexpr std::int64_t most_given_up = 500;

/// A row, without its body, and its place among those of its hook.
struct Place {
    std::size_t place = 0;
    Time due{};
    std::int64_t seq = 0;

    bool operator<(const Place& other) const {
        return std::tie(place, due, seq) < std::tie(other.place, other.due, other.seq);
    }
};

struct Waiting {
    std::string hook_id;
    std::size_t most = 0;
};

std::vector<Waiting> waiting_hooks(Database& database, Time now, Time latest,
                                   std::size_t per_hook) {
    Statement rows = database.prepare(
        "SELECT h.id, h.tries FROM hooks h WHERE (h.due_at <= ?1 OR h.due_at > ?2)"
        " AND EXISTS(SELECT 1 FROM outbox o WHERE o.hook_id = h.id)");
    rows.bind(now).bind(latest);
    std::vector<Waiting> hooks;
    while (rows.step()) hooks.push_back({rows.text(0), rows.integer(1) > 0 ? 1 : per_hook});
    return hooks;
}

/// Those due after `from`, until `to`.
void add_places(Database& database, const Waiting& hook, Time from, Time to,
                std::vector<Place>& places, std::size_t& found) {
    Statement rows = database.prepare(
        "SELECT o.due_at, o.seq FROM outbox o WHERE o.hook_id = ?1 AND o.due_at > ?2"
        " AND o.due_at <= ?3 AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.hook_id = o.hook_id"
        " AND e.run_id = o.run_id AND e.seq < o.seq) ORDER BY o.due_at, o.seq LIMIT ?4");
    rows.bind(hook.hook_id).bind(from).bind(to).bind(static_cast<std::int64_t>(hook.most - found));
    while (rows.step()) places.push_back({found++, rows.time(0), rows.integer(1)});
}

OutgoingHook read(Database& database, std::int64_t seq) {
    Statement row = database.prepare(
        "SELECT o.id, o.hook_id, o.run_id, o.event, h.url, h.headers, o.body, o.created_at, o.tries"
        " FROM outbox o JOIN hooks h ON h.id = o.hook_id WHERE o.seq = ?");
    row.bind(seq).step();
    return {row.text(0), row.text(1), row.text(2),
            row.text(3), row.text(4), headers_of(row.optional_text(5)),
            row.text(6), row.time(7), static_cast<int>(row.integer(8))};
}

/// Returns when the hook is due; of a hook that was deleted meanwhile nothing waits.
Time put_off_hook(Database& database, const std::string& hook_id, const InVain& in_vain) {
    Statement row = database.prepare("SELECT tries, due_at FROM hooks WHERE id = ?");
    if (!row.bind(hook_id).step()) return in_vain.now;
    const Time known = row.time(1);
    if (known > in_vain.began && known <= in_vain.latest) return known;
    const Time due = in_vain.now + in_vain.pause(row.integer(0));
    database.prepare("UPDATE hooks SET tries = tries + 1, due_at = ? WHERE id = ?")
        .bind(due)
        .bind(hook_id)
        .run();
    return due;
}

}  // namespace

Pause doubling_pause(std::chrono::milliseconds first, std::chrono::milliseconds longest,
                     double chance) {
    constexpr double by_chance = 0.2;
    return [=](std::int64_t tries) {
        std::chrono::milliseconds pause = first;
        for (; tries > 0 && pause < longest; --tries) pause *= 2;
        pause = std::min(pause, longest);
        const double less = static_cast<double>(pause.count()) * by_chance * chance;
        return pause - std::chrono::milliseconds(static_cast<std::int64_t>(less));
    };
}

std::vector<OutgoingHook> due_hooks(Database& database, Time now, Time latest, std::size_t per_hook,
                                    std::size_t limit) {
    std::vector<Place> places;
    for (const Waiting& hook : waiting_hooks(database, now, latest, per_hook)) {
        std::size_t found = 0;
        add_places(database, hook, Time::min(), now, places, found);
        if (found < hook.most) add_places(database, hook, latest, Time::max(), places, found);
    }
    std::sort(places.begin(), places.end());
    if (places.size() > limit) places.resize(limit);
    std::vector<OutgoingHook> due;
    due.reserve(places.size());
    for (const Place& place : places) due.push_back(read(database, place.seq));
    return due;
}

std::optional<Time> next_due_hook(Database& database, Time now) {
    Statement row = database.prepare(
        "SELECT min(CASE WHEN h.due_at > ?1 THEN h.due_at ELSE (SELECT min(o.due_at) FROM outbox o"
        " WHERE o.hook_id = h.id AND o.due_at > ?1) END) FROM hooks h"
        " WHERE EXISTS(SELECT 1 FROM outbox o WHERE o.hook_id = h.id)");
    row.bind(now).step();
    return row.optional_time(0);
}

void forget_hook(Database& database, const std::string& id) {
    database.prepare("DELETE FROM outbox WHERE id = ?").bind(id).run();
}

void delivered(Database& database, const OutgoingHook& hook) {
    forget_hook(database, hook.id);
    database.prepare("UPDATE hooks SET tries = 0, due_at = 0 WHERE id = ? AND tries > 0")
        .bind(hook.hook_id)
        .run();
}

Time put_off(Database& database, const OutgoingHook& hook, const InVain& in_vain) {
    const Time due = in_vain.hook_is_down ? put_off_hook(database, hook.hook_id, in_vain)
                                          : in_vain.now + in_vain.pause(hook.tries);
    database.prepare("UPDATE outbox SET tries = tries + 1 WHERE id = ?").bind(hook.id).run();
    // With what came later of its run, which else would be looked through each time.
    database.prepare("UPDATE outbox SET due_at = ? WHERE hook_id = ? AND run_id = ?")
        .bind(due)
        .bind(hook.hook_id)
        .bind(hook.run_id)
        .run();
    return due;
}

bool any_expired(Database& database, Time now, Time made_before) {
    return database
        .prepare(
            "SELECT 1 FROM outbox o JOIN hooks h ON h.id = o.hook_id"
            " WHERE o.created_at <= ? AND h.due_at > ? LIMIT 1")
        .bind(made_before)
        .bind(now)
        .step();
}

std::vector<std::string> give_up_expired(Database& database, Time now, Time made_before,
                                         const std::set<std::string>& under_way) {
    Statement rows = database.prepare(
        "DELETE FROM outbox WHERE seq IN (SELECT o.seq FROM outbox o JOIN hooks h"
        " ON h.id = o.hook_id WHERE o.created_at <= ? AND h.due_at > ?"
        " AND o.id NOT IN (SELECT value FROM json_each(?)) ORDER BY o.created_at LIMIT ?)"
        " RETURNING hook_id");
    rows.bind(made_before).bind(now).bind(to_json(under_way)).bind(most_given_up);
    std::vector<std::string> hooks;
    while (rows.step()) hooks.push_back(rows.text(0));
    return hooks;
}

void retry_hooks(Database& database, Time now, Time after) {
    for (const char* const sql : {"UPDATE hooks SET due_at = ? WHERE due_at > ?",
                                  "UPDATE outbox SET due_at = ? WHERE due_at > ?"})
        database.prepare(sql).bind(now).bind(after).run();
}

}  // namespace runs_agent::runs_server
