// SPDX-License-Identifier: MIT
// What a webhook says of a run. Source: docs.currents.dev, "HTTP Webhooks".
#pragma once

#include "runs_server/recording/rows.hpp"
#include "sqlite/database.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace runs_agent::runs_server {

/// Gives the bodies of the requests that tell of the event, one after the other: one, or, of a run
/// with several groups, one for each, with `groupId` and that group's counters.
/// What a reporter may make as long as it likes is cut: a text of the commit after 4 KiB, tags
/// after 100 or 8 KiB.
void each_hook_payload(sqlite::Database& database, const RunRow& run, std::string_view event,
                       const std::string& run_url,
                       const std::function<void(const std::string& body)>& take);

}  // namespace runs_agent::runs_server
