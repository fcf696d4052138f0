// SPDX-License-Identifier: MIT
// The rows of a new run and of its groups, whichever way it is reported.
#pragma once

#include "base/time.hpp"
#include "runs_server/answers/answers.hpp"
#include "runs_server/recording/record_request.hpp"
#include "runs_server/recording/rows.hpp"
#include "sqlite/database.hpp"

#include <string>
#include <vector>

namespace runs_agent::runs_server {

/// Its project must be there, and no run of that CI build id.
RunRow make_run(sqlite::Database& database, const RecordRequest& request, Time now);

/// Where the run has a group of that name, only its environment is changed, where one is told.
void add_group(sqlite::Database& database, const std::string& run_id, const PlannedGroup& group,
               const std::string& platform_json);

/// Members of the answer to who has joined a run, whichever way it reports: what it is called, and
/// what its user should know. `run_url` is where it is shown.
void put_joined(Json& json, const RunRow& run, const RecordRequest& request, bool is_new,
                const std::vector<std::string>& warnings, const std::string& run_url);

}  // namespace runs_agent::runs_server
