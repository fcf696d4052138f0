// SPDX-License-Identifier: MIT
// What a machine with cypress-cloud reports of a spec that it has claimed. Each request names the
// claim; what comes of one that a reset has ended is answered as if it were taken, and counts
// nowhere. 404 where there is no such claim. Source: cypress-cloud 1.13.1.
#pragma once

#include "base/time.hpp"
#include "net/http_message.hpp"
#include "runs_server/answers/log_lines.hpp"
#include "runs_server/recording/artifacts.hpp"
#include "sqlite/database.hpp"

#include <string>

namespace runs_agent::runs_server {

/// POST /instances/{id}/tests: which tests the spec has.
net::HttpResponse take_cypress_tests(sqlite::Database& database, const std::string& claim_id,
                                     std::string body);

/// POST /instances/{id}/results, and /cy/results, which brings the tests along: {tests,results}.
/// Answers where to upload the spec's files, and whether the run was cancelled, which ends the
/// machine's session. 422 RUN_EXPIRED, but for a failure.
net::HttpResponse take_cypress_results(sqlite::Database& database, const std::string& claim_id,
                                       std::string body, bool with_tests, const ArtifactUrls& urls,
                                       LogLines& log, Time now);

/// PUT /instances/{id}/stdout: what was printed, kept as a file.
net::HttpResponse take_cypress_stdout(sqlite::Database& database, const std::string& claim_id,
                                      std::string body, LogLines& log, Time now);

}  // namespace runs_agent::runs_server
