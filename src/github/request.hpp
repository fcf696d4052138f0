// SPDX-License-Identifier: MIT
// Paths below the API's address, from names that were checked first. Errors: bad_input, naming the
// rule that is broken. Source: docs.github.com, REST API, version 2022-11-28.
#pragma once

#include "base/error.hpp"
#include "github/github.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace runs_agent::github {

/// How deliveries name the GitHub whose API is at `api_url`: "github.com" for
/// https://api.github.com, the host (and port) of https://HOST/api/v3 for an Enterprise Server,
/// SUBDOMAIN.ghe.com for https://api.SUBDOMAIN.ghe.com. Errc::bad_input where it can be none.
Result<std::string> host_of_api(std::string_view api_url);

/// "/repos/OWNER/NAME", with `below` ("/actions/runs") behind it.
Result<std::string> repository_path(std::string_view repository, std::string_view below = "");

/// "/repos/OWNER/NAME/actions/runs/ID", with `operation` ("/cancel") behind it.
Result<std::string> run_path(std::string_view repository, std::int64_t run_id,
                             std::string_view operation = "");

/// "/repos/OWNER/NAME/actions/workflows/ID"
Result<std::string> workflow_path(std::string_view repository, std::int64_t workflow_id);

/// "/repos/OWNER/NAME/actions/runs?…", or of one workflow "…/actions/workflows/ID/runs?…"
Result<std::string> runs_path(const ListWorkflowRuns& query);

/// "/repos/OWNER/NAME/hooks/ID/deliveries", "/orgs/LOGIN/hooks/ID/deliveries" or
/// "/app/hook/deliveries".
Result<std::string> deliveries_path(const Hook& hook);
Result<std::string> deliveries_path(const Hook& hook, std::string_view cursor);
Result<std::string> delivery_path(const Hook& hook, std::int64_t delivery_id);

/// "/repos/OWNER/NAME/installation", or "/orgs/LOGIN/installation" where there is no slash.
Result<std::string> installation_path(std::string_view repository_or_org);

/// "/repos/OWNER/NAME/hooks", or "/orgs/LOGIN/hooks" where there is no slash. Errc::bad_input.
Result<std::string> hooks_path(std::string_view repository_or_org);

}  // namespace runs_agent::github
