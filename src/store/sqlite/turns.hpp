// SPDX-License-Identifier: MIT
// Whose turn a call is: which are due, in which order, and which wait for others. How a call ends:
// call_endings.hpp.
// Runs as jobs of a sqlite::Worker: throws SqliteError, which rolls the job back.
#pragma once

#include "sqlite/database.hpp"
#include "store/store.hpp"

#include <string>
#include <vector>

namespace runs_agent::store {

/// Store::claim_due: those whose turn it is, leased until then.
std::vector<Call> claim_due(sqlite::Database& database, Time now, Time lease_until, int limit,
                            const std::string& service);
/// Store::next_due: when the next one's turn comes.
std::optional<Time> next_due(sqlite::Database& database, Time now, const std::string& service);
/// Store::clock_set_back: brings back what a clock that was ahead has put off.
int clock_set_back(sqlite::Database& database, Time now, Time lease_until);

}  // namespace runs_agent::store
