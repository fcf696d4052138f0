// SPDX-License-Identifier: MIT
// Deliveries as they are in the database, read.
// Runs as jobs of a sqlite::Worker: throws SqliteError, which rolls the job back.
#pragma once

#include "sqlite/database.hpp"
#include "store/store.hpp"

namespace runs_agent::store {

/// What read_delivery() reads, of `deliveries d`; column 0 is its rowid.
extern const char* const delivery_columns;
constexpr int delivery_column_count = 16;

DeliveryRow read_delivery(const sqlite::Statement& row);

}  // namespace runs_agent::store
