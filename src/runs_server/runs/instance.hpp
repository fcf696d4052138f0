// SPDX-License-Identifier: MIT
// GET /instances/{instanceId}: how one spec went, with its tests, their attempts and its files.
#pragma once

#include "base/time.hpp"
#include "net/http_message.hpp"
#include "runs_server/recording/artifacts.hpp"
#include "sqlite/database.hpp"

#include <string>

namespace runs_agent::runs_server {

net::HttpResponse get_instance(sqlite::Database& database, const std::string& instance_id,
                               const ArtifactUrls& urls,
                               const std::shared_ptr<net::MemoryBudget>& memory, Time now);

}  // namespace runs_agent::runs_server
