// SPDX-License-Identifier: MIT
// Who cancelled a run, when and why, as reporters and clients are told.
#pragma once

#include "runs_server/answers/answers.hpp"
#include "runs_server/recording/rows.hpp"

namespace runs_agent::runs_server {

/// The member `cancellation`: {"actor","canceledAt","reason"}, or null.
void put_cancellation(Json& json, const RunRow& run);

/// Its members alone, of a run that is cancelled.
void put_cancellation_members(Json& json, const RunRow& run);

}  // namespace runs_agent::runs_server
