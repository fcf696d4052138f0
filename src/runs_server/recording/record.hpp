// SPDX-License-Identifier: MIT
// Recording: reporters announce a run's full test suite, then send results in batches, from any
// number of machines at once. Same project, CI build id and group: the same run.
#pragma once

#include "base/time.hpp"
#include "net/http_message.hpp"
#include "runs_server/recording/artifacts.hpp"
#include "sqlite/database.hpp"

#include <string>

namespace runs_agent::runs_server {

/// POST /runs. What a run that has ended does not take is refused with 422: another go at tests of
/// a complete one (until it is reset) by a machine that is not at work in it; what holds no failure
/// of a timed-out one; and only beginning specs of a cancelled one. A refusal says what can be
/// done.
net::HttpResponse record(sqlite::Database& database, std::string body, const ArtifactUrls& urls,
                         Time now);

}  // namespace runs_agent::runs_server
