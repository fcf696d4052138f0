// SPDX-License-Identifier: MIT
// What `currents cache` keeps between the attempts of a build: files of a job, such as the list of
// the tests that failed last. A cache is an archive, what is in it, and a reference, by which it is
// found. Source: @currents/cmd 1.10.0, `cache set|get`.
#pragma once

#include "base/time.hpp"
#include "net/http_message.hpp"
#include "runs_server/recording/artifacts.hpp"
#include "sqlite/database.hpp"

#include <memory>
#include <string>

namespace runs_agent::runs_server {

/// POST /cache/upload: where to upload a cache's three files. Its name is that of the body
/// (cache_name.hpp); of one name the last three are kept, and all for 30 days. 401 where the record
/// key of the body is unknown, 422 CACHE_ID_MISSING where nothing gives it a name.
net::HttpResponse make_cache(sqlite::Database& database, const std::string& body,
                             const ArtifactUrls& urls, Time now);

/// POST /cache/meta: where to read the reference of the last cache of a name that has come whole.
/// Where there is none, reading it is answered 404, which the client takes for "not found".
net::HttpResponse find_cache(sqlite::Database& database, const std::string& body,
                             const ArtifactUrls& urls, Time now);

/// POST /cache/v2/download: where to read the archive of the `cacheKey` that a reference names.
net::HttpResponse cache_to_read(sqlite::Database& database, const std::string& body,
                                const ArtifactUrls& urls, Time now);

/// POST /runs/debug-logs: where to upload what a reporter says of itself (`--pwc-debug remote`),
/// and to read it. `runId` is a run's, or what a reporter that has none yet made up; of one the
/// last three are kept, and all for 30 days. Source: @currents/playwright 2.5.0.
net::HttpResponse make_debug_log(sqlite::Database& database, const std::string& body,
                                 const ArtifactUrls& urls, Time now);

// PUT and GET of a signed URL.
net::HttpResponse put_cache_file(sqlite::Database& database, const std::string& file_id,
                                 const std::string& content_type, const std::string& content);
net::HttpResponse get_cache_file(sqlite::Database& database, const std::string& file_id,
                                 const std::shared_ptr<net::MemoryBudget>& memory);

}  // namespace runs_agent::runs_server
