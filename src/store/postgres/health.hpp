// SPDX-License-Identifier: MIT
// What the health of the store is told by: that it can be written, and what waits in it.
// Runs as jobs of a postgres::Pool: throws PostgresError, which rolls the job back.
#pragma once

#include "postgres/connection.hpp"
#include "store/store.hpp"

namespace runs_agent::store {

void check(postgres::Connection& connection, Time now);
Backlog backlog(postgres::Connection& connection);

}  // namespace runs_agent::store
