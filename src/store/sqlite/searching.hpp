// SPDX-License-Identifier: MIT
// Looking for deliveries by what people know of them. The newest come first, and what is looked
// through is bounded in time rather than in rows found: a page of a rare filter says how far back
// it has looked, instead of holding everybody up. What few rows have (a run, a rule that fired, a
// call that waits or was given up) is found by its own index; names are read from the index
// deliveries_names, in which a million of them are a few hundred megabytes less than the rows.
// Runs as jobs of a sqlite::Worker: throws SqliteError, which rolls the job back.
#pragma once

#include "sqlite/database.hpp"
#include "store/store.hpp"

namespace runs_agent::store {

/// The rowids of what a search fits, the newest first, and how far it has looked.
struct Looked {
    std::vector<std::int64_t> ids;
    std::optional<std::int64_t> next;  // those below it were not looked at; absent: there are none
    bool cut = false;                  // the time was over
};
Result<Looked> look_for(sqlite::Database& database, const DeliverySearch& search);

/// Store::search.
Result<DeliveryPage> search(sqlite::Database& database, const DeliverySearch& search);
/// Store::payload.
Result<std::optional<std::string>> payload(sqlite::Database& database, const std::string& guid);

}  // namespace runs_agent::store
