// SPDX-License-Identifier: MIT
#include "store/postgres/replicas.hpp"

#include "store/postgres/call_endings.hpp"

#include <array>
#include <random>
#include <unistd.h>

namespace runs_agent::store {

using postgres::Connection;
using postgres::Statement;

namespace {

/// Of a replica `r`; ?2 is silent_after in milliseconds.
constexpr const char* is_heard = "r.seen_at > clock_timestamp() - ?2 * INTERVAL '1 millisecond'";

}  // namespace

std::string new_replica_id() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0) name[0] = '\0';
    std::random_device random;
    std::string id = name.data();
    id += '/';
    for (int i = 0; i < 16; ++i) id += "0123456789abcdef"[random() % 16];
    return id;
}

void say_alive(Connection& connection, const Replica& self) {
    connection
        .prepare(
            "INSERT INTO replicas(id, seen_at) VALUES(?, clock_timestamp())"
            " ON CONFLICT(id) DO UPDATE SET seen_at = excluded.seen_at")
        .bind(self.id)
        .run();
}

void say_goodbye(Connection& connection, const Replica& self) {
    connection.prepare("DELETE FROM replicas WHERE id = ?").bind(self.id).run();
}

int take_over(Connection& connection, const Replica& self) {
    // leased_by stays: as long as nobody claims the call, its answer is welcome, however late.
    const int freed =
        connection
            .prepare(std::string("UPDATE calls SET leased = 0, due_at = least(due_at, ") +
                     server_milliseconds +
                     ") WHERE id IN (SELECT c.id FROM calls c WHERE c.state = 'pending'"
                     " AND c.leased = 1 AND c.leased_by <> ?1 AND NOT EXISTS"
                     " (SELECT 1 FROM replicas r WHERE r.id = c.leased_by AND " +
                     is_heard + ") FOR UPDATE SKIP LOCKED)")
            .bind(self.id)
            .bind(self.silent_after.count())
            .run();
    if (freed > 0) finish_withdrawn_and_freed(connection, server_time(connection));
    return freed;
}

int take_over_from_gone(Connection& connection, const Replica& self, Time now) {
    const int freed =
        connection
            .prepare(
                "UPDATE calls SET leased = 0, due_at = ?2 WHERE id IN (SELECT c.id FROM calls c"
                " WHERE c.state = 'pending' AND c.leased = 1 AND c.leased_by <> ?1 AND NOT EXISTS"
                " (SELECT 1 FROM replicas r WHERE r.id = c.leased_by) FOR UPDATE SKIP LOCKED)")
            .bind(self.id)
            .bind(now)
            .run();
    finish_withdrawn_and_freed(connection, now);
    return freed;
}

bool takes_duty(Connection& connection, const Replica& self, const std::string& duty) {
    Statement row =
        connection.prepare(std::string("INSERT INTO duties AS d (name, holder) VALUES(?3, ?1)"
                                       " ON CONFLICT(name) DO UPDATE SET holder = excluded.holder"
                                       " WHERE d.holder = excluded.holder OR NOT EXISTS"
                                       " (SELECT 1 FROM replicas r WHERE r.id = d.holder AND ") +
                           is_heard + ")");
    return row.bind(self.id).bind(self.silent_after.count()).bind(duty).run() > 0;
}

void forget_replicas(Connection& connection) {
    connection.prepare("DELETE FROM replicas WHERE seen_at < clock_timestamp() - INTERVAL '1 day'")
        .run();
}

Time server_time(Connection& connection) {
    Statement row = connection.prepare(std::string("SELECT ") + server_milliseconds);
    row.step();
    return row.time(0);
}

}  // namespace runs_agent::store
