// Recording: reporters announce a run's full test suite, then send results in batches, from any
// number of machines at once. Same project, CI build id and group: the same run.
#pragma once

#include "base/clock.hpp"
#include "net/http_message.hpp"
#include "sqlite/database.hpp"

#include <string>

namespace runs_agent::runs_server {

/// POST /v1/runs. `base_url` is where this server is reached, for the URLs in the answer.
net::HttpResponse record(sqlite::Database& database, const std::string& body,
                         const std::string& base_url, Time now);

}  // namespace runs_agent::runs_server
