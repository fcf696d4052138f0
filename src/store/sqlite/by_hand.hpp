// SPDX-License-Identifier: MIT
// What people do by hand, kept with who did it and why; and how much came in and was done, counted.
// Runs as jobs of a sqlite::Worker: throws SqliteError, which rolls the job back.
#pragma once

#include "sqlite/database.hpp"
#include "store/store.hpp"

namespace runs_agent::store {

/// Store::act.
Result<HandOutcome> act(sqlite::Database& database, const ByHand& act, const DeliverySearch& which,
                        Time now);
/// Store::acts.
std::vector<HandRecord> acts(sqlite::Database& database, const std::string& delivery, int limit);
/// Store::replays_after.
Replays replays_after(sqlite::Database& database, std::int64_t last);

/// Store::record_act.
void record_act(sqlite::Database& database, const HandRecord& record);
/// A step of removing those from before then; says how many went.
int prune_acts(sqlite::Database& database, Time before, int at_most);

/// Store::count.
std::vector<Counts> count(sqlite::Database& database, Time from, std::chrono::milliseconds span,
                          int spans);

}  // namespace runs_agent::store
