// SPDX-License-Identifier: MIT
// PUT /runs/{runId}/reset: the failed and the claimed but unfinished specs of some machines become
// claimable again, and so the run goes on.
#pragma once

#include "base/time.hpp"
#include "net/http_message.hpp"
#include "sqlite/database.hpp"

#include <string>

namespace runs_agent::runs_server {

/// 400 unless the body names 1 to 63 machines, in a list; machines that reset themselves send one,
/// and `one_may_be_text`. 422 for a run that is cancelled, which is for good.
net::HttpResponse reset_run(sqlite::Database& database, const std::string& run_id,
                            const std::string& body, bool one_may_be_text, Time now);

}  // namespace runs_agent::runs_server
