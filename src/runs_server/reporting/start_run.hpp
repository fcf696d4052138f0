// SPDX-License-Identifier: MIT
// A reporter of Playwright says that it is about to run a project of a run: one request for each
// project of a process, on any number of machines. Source: @currents/playwright 2.5.0, reporter.
#pragma once

#include "base/time.hpp"
#include "net/http_message.hpp"
#include "runs_server/recording/artifacts.hpp"
#include "runs_server/reporting/announced_body.hpp"
#include "sqlite/database.hpp"

#include <optional>
#include <string>

namespace runs_agent::runs_server {

/// What a reporter says of itself with every request.
struct Reporter {
    std::string record_key;  // of its header; may be empty where the body has one
    std::string machine_id;  // may be empty
    std::string playwright;  // versions
    std::string version;
    int attempt = 0;  // how often the request was sent before
};
Reporter reporter_of(const net::Headers& headers);

/// The answer to an announcement that says what is wrong, or brings no record key that is valid, in
/// its body or its head, or is of no project: 400, 401, 404. Absent where none of that is so.
std::optional<net::HttpResponse> refuse_announcement(sqlite::Database& database,
                                                     const AnnouncedBody& announced,
                                                     const Reporter& reporter);

/// POST /runs/v1: makes the run where there is none of this project and CI build id, and takes in
/// what tests there are. Every test of the full suite is awaited, by whatever machine. 422
/// RUN_CANCELLED, RUN_EXPIRED.
net::HttpResponse start_run(sqlite::Database& database, AnnouncedBody& announced,
                            const Reporter& reporter, const ArtifactUrls& urls, Time now);

}  // namespace runs_agent::runs_server
