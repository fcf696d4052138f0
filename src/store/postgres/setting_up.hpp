// SPDX-License-Identifier: MIT
// What is done before a store works on a PostgreSQL database, and with what it works.
#pragma once

#include "postgres/pool.hpp"
#include "store/postgres/replicas.hpp"
#include "store/postgres_store.hpp"

namespace runs_agent::store {

postgres::PoolOptions pool_options(const PostgresStoreOptions& options);

/// Brings the tables up to date, and registers the replica, but for a visitor, who may also only
/// look; on a connection of its own. Blocks. Throws PostgresError.
Result<void> set_up(const postgres::Target& target, Replica& self,
                    const PostgresStoreOptions& options);

/// Errc::store where the two differ by more.
Result<void> check_clock(Time server, Time own, std::chrono::milliseconds most);

}  // namespace runs_agent::store
