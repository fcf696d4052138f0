// SPDX-License-Identifier: MIT
// Requests as they go on the wire, checked against the documented rules first. Errors: bad_input,
// naming the rule that is broken.
#pragma once

#include "base/error.hpp"
#include "runs_api/types.hpp"

#include <string>
#include <string_view>

namespace runs_agent::runs_api {

/// "/runs/ID", with `operation` ("/cancel") behind it.
Result<std::string> run_path(std::string_view run_id, std::string_view operation = "");

/// "/instances/ID"
Result<std::string> instance_path(std::string_view instance_id);

/// "/runs/find?…"
Result<std::string> find_path(const FindRun& query);

/// "/projects", "/projects?starting_after=…"
std::string projects_path(const ListProjects& query);

/// "/projects/ID/runs?…"
Result<std::string> list_path(const ListRuns& query);

/// The JSON body of PUT /runs/cancel-ci/github.
Result<std::string> cancel_ci_body(const CancelGithubCi& request);

/// The JSON body of PUT /runs/{runId}/reset.
Result<std::string> reset_body(const ResetRun& request);

}  // namespace runs_agent::runs_api
