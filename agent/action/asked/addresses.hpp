// SPDX-License-Identifier: MIT
// The addresses of a service: its API, the director that knows record keys, and a run's page.
#pragma once

#include "base/error.hpp"

#include <string>
#include <string_view>

namespace runs_agent::agent::action {

/// Where the API is, with /v1 and without a slash behind it; the default where `given` is empty. An
/// address without any path gets its /v1: CURRENTS_API_URL is written so for the official client.
/// Errc::bad_input where it is none.
Result<std::string> api_url(const std::string& given);

/// Where record keys are known, with /v1: `given` (with or without /v1), else the API's own host,
/// but for the cloud service the one that its official action asks.
Result<std::string> director_url(const std::string& given, const std::string& api);

/// May a key travel to `url` only on a trusted network (plain HTTP, and not on this machine)?
bool is_in_the_clear(const std::string& url);

/// The page of a run of the cloud service, else the API's address of it.
std::string page_of_run(const std::string& url, std::string_view run_id);

}  // namespace runs_agent::agent::action
