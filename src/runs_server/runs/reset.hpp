// SPDX-License-Identifier: MIT
// PUT /runs/{runId}/reset: the failed and the claimed but unfinished specs of some machines become
// claimable again, and so the run goes on.
#pragma once

#include "base/time.hpp"
#include "net/http_message.hpp"
#include "runs_server/answers/log_lines.hpp"
#include "sqlite/database.hpp"

#include <string>

namespace runs_agent::runs_server {

/// 400 unless the body names 1 to 63 machines; 422 for a run that is cancelled, which is for good.
net::HttpResponse reset_run(sqlite::Database& database, const std::string& run_id,
                            const std::string& body, LogLines& log, Time now);

/// The same with a record key: a machine that is about to go names itself, as a text.
net::HttpResponse reset_by_reporter(sqlite::Database& database, const std::string& run_id,
                                    const std::string& body, LogLines& log, Time now);

}  // namespace runs_agent::runs_server
