// SPDX-License-Identifier: MIT
// Ending runs: by id, by GitHub workflow run and attempt, and by a reporter's record key. What is
// cancelled stays cancelled; a run that was complete becomes CANCELED too and keeps its PASSED or
// FAILED (what the service does then is not documented; its clients cancel at the end of jobs).
#pragma once

#include "base/time.hpp"
#include "net/http_message.hpp"
#include "sqlite/database.hpp"

#include <string>

namespace runs_agent::runs_server {

/// PUT /runs/{runId}/cancel. `actor` is "api:" and the key's name.
net::HttpResponse cancel_run(sqlite::Database& database, const std::string& run_id,
                             const std::string& actor, Time now);

/// PUT /runs/cancel-ci/github, with the request's JSON body. All runs that match and are not
/// cancelled yet are; the answer tells of the newest of them.
net::HttpResponse cancel_github_ci(sqlite::Database& database, const std::string& body,
                                   const std::string& actor, Time now);

/// POST /runs/cancel, as reporters send it with their record key.
net::HttpResponse cancel_by_reporter(sqlite::Database& database, const std::string& body, Time now);

}  // namespace runs_agent::runs_server
