// SPDX-License-Identifier: MIT
// The CI build id that the server makes where a reporter gives none: pure. On a CI that they know,
// official reporters leave it to the server (`ci.ciBuildId` is {"source":"server","value":null}),
// and all that one build sends must come to the same id. Elsewhere they make one up themselves.
#pragma once

#include <rapidjson/document.h>

#include <string>

namespace runs_agent::runs_server {

/// Of `ci`: {"provider","params"}, where params are the CI's variables with camel-cased names. For
/// GitHub it is OWNER/REPOSITORY-RUN_ID-RUN_ATTEMPT, without the attempt where none is told, as the
/// service documents it; for others the ids by which that CI tells builds apart, after its name.
/// Empty where nothing tells.
std::string made_build_id(const rapidjson::Value* ci);

/// What a build id of GitHub's kind says.
struct GithubBuild {
    std::string repository;
    std::string run_id;  // empty: it is none of that kind
    std::int64_t attempt = 0;
};
GithubBuild github_build_of(const std::string& ci_build_id);

}  // namespace runs_agent::runs_server
