// SPDX-License-Identifier: MIT
// Where Playwright's reporter is to upload the files of its specs and tests. Source:
// @currents/playwright 2.5.0.
#pragma once

#include "base/time.hpp"
#include "net/http_message.hpp"
#include "runs_server/recording/artifacts.hpp"
#include "sqlite/database.hpp"

#include <string>

namespace runs_agent::runs_server {

/// POST /artifacts/test-record/{recordId}: a screenshot, video, trace or attachment of an attempt.
/// 422 where the spec was reset since, and its files with it.
net::HttpResponse upload_for_record(sqlite::Database& database, const std::string& record_id,
                                    const std::string& body, const ArtifactUrls& urls, Time now);

/// POST /artifacts/instance/{instanceId}: what a machine printed of a spec, or its coverage.
net::HttpResponse upload_for_spec(sqlite::Database& database, const std::string& spec_id,
                                  const std::string& machine_id, const std::string& body,
                                  const ArtifactUrls& urls, Time now);

}  // namespace runs_agent::runs_server
