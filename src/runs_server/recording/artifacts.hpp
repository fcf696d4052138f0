// SPDX-License-Identifier: MIT
// Files that belong to what was recorded: screenshots, videos, traces, output. A reporter names
// them with its results, is told where to upload each, and they go when their spec is reset or
// their run deleted.
#pragma once

#include "runs_server/answers/answers.hpp"
#include "runs_server/answers/signed_url.hpp"
#include "runs_server/recording/record_request.hpp"
#include "sqlite/database.hpp"

#include <map>
#include <string>
#include <vector>

namespace runs_agent::runs_server {

/// Where artifacts are reached: the server's own address, and what signs their URLs.
struct ArtifactUrls {
    std::string base_url;  // such as http://127.0.0.1:4000/v1
    const UrlSigner& signer;

    std::string of(std::string_view method, const std::string& artifact_id, Time now) const;
    /// Of another kind of file; `path` is below base_url.
    std::string at(std::string_view method, const std::string& path, Time now) const;
};

/// Remembers that these are to come and returns their ids, in their order. What was named before
/// keeps its id, so a batch that is sent twice makes nothing twice.
std::vector<std::string> expect_artifacts(sqlite::Database& database, const std::string& spec_id,
                                          const std::string& machine_id,
                                          const std::vector<PlannedArtifact>& artifacts, Time now);

void delete_artifacts(sqlite::Database& database, const std::string& spec_id);

/// PUT of a signed URL: stores the bytes, again where they came before.
net::HttpResponse put_artifact(sqlite::Database& database, const std::string& artifact_id,
                               const std::string& content_type, const std::string& content);
/// GET of a signed URL: the bytes as they were uploaded. 503 where there is no room for them.
net::HttpResponse get_artifact(sqlite::Database& database, const std::string& artifact_id,
                               const std::shared_ptr<net::MemoryBudget>& memory);

/// One that has arrived; one whose upload failed is shown nowhere.
struct Artifact {
    PlannedArtifact named;
    std::string id;
    Time created_at{};
    std::int64_t size = 0;
};
using ArtifactsBySpec = std::map<std::string, std::vector<Artifact>>;

ArtifactsBySpec artifacts_of_run(sqlite::Database& database, const std::string& run_id);

/// The members `videoUrl` and `screenshots` of a spec's results.
void put_pictures(Json& json, const ArtifactsBySpec& artifacts, const std::string& spec_id,
                  const ArtifactUrls& urls, Time now);
/// The members `videos`, `playwrightTraces` and `artifacts` as well, for GET /instances/{id}.
void put_files(Json& json, sqlite::Database& database, const std::string& spec_id,
               const ArtifactUrls& urls, Time now);

}  // namespace runs_agent::runs_server
