// SPDX-License-Identifier: MIT
// Runs as the Runs API's answers show them (docs/embedded-runs-api.md has the fields).
#pragma once

#include "runs_server/answers/answers.hpp"
#include "runs_server/recording/artifacts.hpp"
#include "runs_server/recording/rows.hpp"

namespace runs_agent::runs_server {

/// 200 with everything of a run: groups with their counters and every spec with its results; with
/// `pwLastRun`, what Playwright keeps in .last-run.json, where that was asked for. Written straight
/// from the rows, so a run of 20,000 specs needs no tree in memory. 503 where there is no room.
net::HttpResponse full_run(sqlite::Database& database, const RunRow& run, const ArtifactUrls& urls,
                           bool with_last_run, const std::shared_ptr<net::MemoryBudget>& memory,
                           Time now);

/// The members of a run that lists show too, without its specs.
void put_run(Json& json, const RunRow& run, Time now);

/// The members `groups`, each with the counters of its instances and of their tests, and
/// `environments`, which are theirs taken together.
void put_groups(Json& json, sqlite::Database& database, const RunRow& run);

}  // namespace runs_agent::runs_server
