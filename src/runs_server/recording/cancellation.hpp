// Who cancelled a run, when and why, as reporters and clients are told.
#pragma once

#include "runs_server/answers/answers.hpp"
#include "runs_server/recording/rows.hpp"

#include <string>

namespace runs_agent::runs_server {

/// The member `cancellation`: {"actor","canceledAt","reason"}, or null.
void put_cancellation(Json& json, const RunRow& run);

/// {"runId","actor","canceledAt","reason"}.
std::string cancellation_data(const RunRow& run);

}  // namespace runs_agent::runs_server
