// SPDX-License-Identifier: MIT
// store/searching.hpp in SQLite. Names are read from the index deliveries_names, in which a million
// of them are a few hundred megabytes less than the rows. Runs as jobs of a sqlite::Worker: throws
// SqliteError, which rolls the job back.
#pragma once

#include "sqlite/database.hpp"
#include "store/searching.hpp"

namespace runs_agent::store {

Result<Looked> look_for(sqlite::Database& database, const DeliverySearch& search);
/// Store::search.
Result<DeliveryPage> search(sqlite::Database& database, const DeliverySearch& search);
/// Store::payload.
Result<std::optional<std::string>> payload(sqlite::Database& database, const std::string& guid);

}  // namespace runs_agent::store
