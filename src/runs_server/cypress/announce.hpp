// SPDX-License-Identifier: MIT
// A machine with cypress-cloud joins a run. Source: cypress-cloud 1.13.1.
#pragma once

#include "base/time.hpp"
#include "net/http_message.hpp"
#include "runs_server/recording/artifacts.hpp"
#include "sqlite/database.hpp"

#include <cstdint>
#include <string>

namespace runs_agent::runs_server {

/// What cypress-cloud says of itself with every request.
struct CypressClient {
    std::string cypress;  // versions
    std::string version;
    std::int64_t attempt = 0;  // how often it has sent the request before
};
CypressClient cypress_client_of(const net::Headers& headers);

/// POST /runs: makes the run where there is none of this project and CI build id, and takes in
/// which specs its group has. 422 for whatever its user must be told, as it prints nothing of other
/// refusals: RUN_CANCELLED, RUN_EXPIRED, PROJECT_NOT_FOUND, BUILD_ID_MISSING.
net::HttpResponse announce_cypress(sqlite::Database& database, std::string body,
                                   const CypressClient& client, const ArtifactUrls& urls, Time now);

}  // namespace runs_agent::runs_server
