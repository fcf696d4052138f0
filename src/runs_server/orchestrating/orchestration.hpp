// SPDX-License-Identifier: MIT
// Handing specs out: each machine of a run asks what to run next, and gets the longest specs that
// nobody has. Source: @currents/playwright 2.5.0, pwc-p, and the service's documentation,
// "Orchestration".
#pragma once

#include "base/time.hpp"
#include "net/http_message.hpp"
#include "runs_server/reporting/start_run.hpp"
#include "sqlite/database.hpp"

#include <string>

namespace runs_agent::runs_server {

/// POST /orchestration-v1: a machine joins the run, which is made where there is none of this
/// project and CI build id. Its record key may stand in the body as well.
net::HttpResponse start_orchestration(sqlite::Database& database, AnnouncedBody& announced,
                                      const Reporter& reporter, Time now);

/// POST /orchestration-v1/{id}/task: as many specs of one group as the machine runs at once,
/// longest first by how long they took of late; null where nobody needs to run any, which ends its
/// session. A spec is handed to one machine at a time, until a reset gives it back. 422
/// RUN_CANCELLED, RUN_EXPIRED.
net::HttpResponse next_task(sqlite::Database& database, const std::string& orchestration_id,
                            Time now);
/// Has the machine of this orchestration what it was given in the answer of that number? Not where
/// the run was cancelled or timed out, nor where the machine was reset since: its specs are
/// others'.
bool still_has_batch(sqlite::Database& database, const std::string& orchestration_id,
                     std::int64_t answer, Time now);

}  // namespace runs_agent::runs_server
