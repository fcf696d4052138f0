// SPDX-License-Identifier: MIT
// Who cancelled a run, when and why, as reporters and clients are told.
#pragma once

#include "runs_server/answers/answers.hpp"
#include "runs_server/recording/rows.hpp"

namespace runs_agent::runs_server {

/// Ends the run for good. One that is cancelled already keeps who cancelled it, and when.
void mark_cancelled(sqlite::Database& database, const std::string& run_id, const std::string& actor,
                    const std::string& reason, Time now);

/// The member `cancellation`: {"actor","canceledAt","reason"}, or null.
void put_cancellation(Json& json, const RunRow& run);

/// Its members alone, of a run that is cancelled.
void put_cancellation_members(Json& json, const RunRow& run);

}  // namespace runs_agent::runs_server
