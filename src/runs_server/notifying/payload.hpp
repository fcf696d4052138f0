// SPDX-License-Identifier: MIT
// What a webhook says of a run. Source: docs.currents.dev, "HTTP Webhooks".
#pragma once

#include "runs_server/recording/rows.hpp"
#include "sqlite/database.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace runs_agent::runs_server {

/// The bodies of the requests that tell of the event: one, or, of a run with several groups, one
/// for each, with `groupId` and that group's counters.
std::vector<std::string> hook_payloads(sqlite::Database& database, const RunRow& run,
                                       std::string_view event, const std::string& run_url);

}  // namespace runs_agent::runs_server
