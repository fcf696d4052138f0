// SPDX-License-Identifier: MIT
// Who works on this database. Each replica says every second that it is there; one that has been
// silent for `silent_after` is taken for dead, by the server's clock: what it had claimed is made
// due for the others, and what it alone did another does. It may only have been stopped, or cut
// off: then its late answers count for nothing where somebody else has claimed the call
// (record_try), and before each request that changes something it asks whether the call is still
// its own (not_wanted). Runs as jobs of a postgres::Pool, or on the connection of Presence: throws
// PostgresError.
#pragma once

#include "postgres/connection.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace runs_agent::store {

/// Who this process is to the others.
struct Replica {
    std::string id;         // of this process alone; empty: a visitor, who executes nothing
    std::int64_t salt = 0;  // salt_of the schema
    std::chrono::milliseconds silent_after{10'000};
};

/// A name that no other process has or had: its host's, with random digits.
std::string new_replica_id();

/// Says that this replica is there.
void say_alive(postgres::Connection& connection, const Replica& self);
/// Says that it is gone, so that nobody waits for it to be silent.
void say_goodbye(postgres::Connection& connection, const Replica& self);

/// Frees what those who are silent, or gone, had claimed, and makes it due. How many calls.
int take_over(postgres::Connection& connection, const Replica& self);
/// The same of those who have said that they are gone; due at `now`.
int take_over_from_gone(postgres::Connection& connection, const Replica& self, Time now);

/// Store::takes_duty: whether this replica is the one that does it; where nobody is, it is from now
/// on.
bool takes_duty(postgres::Connection& connection, const Replica& self, const std::string& duty);

/// Forgets those who have been silent for a day.
void forget_replicas(postgres::Connection& connection);

/// The server's clock.
Time server_time(postgres::Connection& connection);

/// SQL: the server's clock, as times are stored.
inline constexpr const char* server_milliseconds =
    "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)";

}  // namespace runs_agent::store
