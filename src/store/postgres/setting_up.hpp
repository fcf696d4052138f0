// SPDX-License-Identifier: MIT
// What is done before a store works on a PostgreSQL database, and with what it works.
#pragma once

#include "postgres/pool.hpp"
#include "store/postgres/replicas.hpp"
#include "store/postgres_store.hpp"

namespace runs_agent::store {

postgres::PoolOptions pool_options(const PostgresStoreOptions& options);

/// Brings the tables up to date, and registers the replica, on a connection of its own. A visitor
/// makes them where there are none, but changes none: that may hold up those who work on them; one
/// who only looks makes none, either. Blocks. Throws PostgresError.
Result<void> set_up(const postgres::Target& target, Replica& self,
                    const PostgresStoreOptions& options);

/// Errc::store where the two differ by more.
Result<void> check_clock(Time server, Time own, std::chrono::milliseconds most);

}  // namespace runs_agent::store
