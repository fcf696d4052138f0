// SPDX-License-Identifier: MIT
// Notices that runs are in another state than the one last told of, and writes down what is to be
// sent for it, in the transaction of what changed them: so nothing is lost when the process is
// ended at any moment, and nothing is sent of what was rolled back.
//
// Which state a run is in, run_state.hpp says alone. Which runs may be in another one, triggers
// of the schema mark (runs.changed); that the time alone has ended one, time_out_runs() finds.
#pragma once

#include "base/time.hpp"
#include "sqlite/database.hpp"

#include <optional>
#include <string>

namespace runs_agent::runs_server {

/// To be called at the end of each transaction that may have changed a run. `base_url` is this
/// server's as whoever asked knows it: a run keeps that of who began it. Returns whether there is
/// anything new to be sent.
bool announce_changes(sqlite::Database& database, const std::string& base_url, Time now);

/// The same for runs that nobody has reported of for so long that they have timed out: some of
/// them, so that others get their turn. Returns whether it found any.
bool time_out_runs(sqlite::Database& database, const std::string& base_url, Time now);

/// When the next run times out, unless something is reported of it; absent: none is under way.
std::optional<Time> next_time_out(sqlite::Database& database);

}  // namespace runs_agent::runs_server
