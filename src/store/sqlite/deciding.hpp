// SPDX-License-Identifier: MIT
// Decides what comes or waits to be decided, each delivery in the knowledge of its run, and records
// the decision with the calls that it plans.
// Runs as jobs of a sqlite::Worker: throws SqliteError, which rolls the job back.
#pragma once

#include "sqlite/database.hpp"
#include "store/store.hpp"

namespace runs_agent::store {

std::vector<Decided> decide_next(sqlite::Database& database, const Decider& decider, Time now,
                                 int limit);
/// Store::consider: what a replay would come to. Writes nothing.
Result<std::optional<decide::Decision>> consider(sqlite::Database& database,
                                                 const std::string& guid, const Decider& decider);

/// Takes a delivery in and decides it, with one row written for both.
Taken accept_and_decide(sqlite::Database& database, const NewDelivery& delivery,
                        const Decider& decider, Time now);

}  // namespace runs_agent::store
