// SPDX-License-Identifier: MIT
// DELETE /runs/{runId}. A run of 100,000 tests takes seconds to be removed: it is there for nobody
// from the first moment on, and its rows go in portions, between which others write.
#pragma once

#include "base/time.hpp"
#include "net/http_message.hpp"
#include "sqlite/database.hpp"

#include <string>

namespace runs_agent::runs_server {

/// Its groups, specs and files go with it, and its CI build id is free again. 404 where there is no
/// such run. `actor` is "api:" and the key's name.
net::HttpResponse delete_run(sqlite::Database& database, const std::string& run_id,
                             const std::string& actor, Time now);

/// Removes a portion of what deleted runs have left (remover.hpp). Returns whether there may be
/// more.
bool remove_some(sqlite::Database& database);

}  // namespace runs_agent::runs_server
