// SPDX-License-Identifier: MIT
// What Playwright's reporter tells of its specs and tests while they run. Source:
// @currents/playwright 2.5.0.
#pragma once

#include "base/time.hpp"
#include "net/http_message.hpp"
#include "runs_server/answers/log_lines.hpp"
#include "sqlite/database.hpp"

#include <string>

namespace runs_agent::runs_server {

/// POST /runs/{runId}/pw/instances/v1: a machine begins a spec. Of two machines the first has it,
/// and results are taken from any. 422 RUN_CANCELLED, RUN_EXPIRED.
net::HttpResponse begin_spec(sqlite::Database& database, const std::string& run_id,
                             const std::string& body, Time now);

/// POST /test-record: a test begins, or was so quick that it is done. A cancelled run takes it
/// where the test was under way then; 422 RUN_CANCELLED where it began after that. One that timed
/// out takes failures alone. `attempt` is how often this was sent before.
net::HttpResponse add_record(sqlite::Database& database, std::string body, int attempt,
                             LogLines& log, Time now);

/// PUT /test-record/{recordId}: how the test goes on. What is older than what is known changes
/// nothing, nor does what belongs to before a reset.
net::HttpResponse change_record(sqlite::Database& database, const std::string& record_id,
                                std::string body, LogLines& log, Time now);

}  // namespace runs_agent::runs_server
