// SPDX-License-Identifier: MIT
// GET /projects/{projectId}/runs: a project's runs, the newest first, in pages, filtered.
#pragma once

#include "base/time.hpp"
#include "net/http_message.hpp"
#include "sqlite/database.hpp"

#include <string>

namespace runs_agent::runs_server {

/// 400 names the parameter and its rule; 404 where there is no such project.
net::HttpResponse list_runs(sqlite::Database& database, const std::string& project_id,
                            const net::Parameters& query, Time now);

}  // namespace runs_agent::runs_server
