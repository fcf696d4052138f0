// SPDX-License-Identifier: MIT
// GET /runs/find: a run by its CI build id, or the most recent complete one by branch and tags.
#pragma once

#include "base/time.hpp"
#include "net/http_message.hpp"
#include "runs_server/recording/artifacts.hpp"
#include "sqlite/database.hpp"

namespace runs_agent::runs_server {

/// 400 names the parameter and its rule.
net::HttpResponse find_run(sqlite::Database& database, const net::Parameters& query,
                           const ArtifactUrls& urls,
                           const std::shared_ptr<net::MemoryBudget>& memory, Time now);

}  // namespace runs_agent::runs_server
