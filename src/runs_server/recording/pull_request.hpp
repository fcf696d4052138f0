// SPDX-License-Identifier: MIT
// Which pull request a run belongs to: pure.
#pragma once

#include <rapidjson/document.h>

#include <string>
#include <string_view>

namespace runs_agent::runs_server {

/// "github:github.com/octo/shop#12", the form that the service's clients read from meta.pr.id; the
/// number alone where the reporter does not tell the repository; empty where there is none.
/// Reporters send the event of a pull request with the commit, the ref and the repository with the
/// variables of the CI (`params`); both may be absent.
std::string pull_request_of(const rapidjson::Value* params, const rapidjson::Value* commit);

/// Whether `asked`, an id or a bare number, means the pull request that `id` names.
bool is_pull_request(std::string_view asked, std::string_view id);

}  // namespace runs_agent::runs_server
