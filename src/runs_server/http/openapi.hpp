// SPDX-License-Identifier: MIT
// The OpenAPI document of the embedded Runs API, compiled in from openapi.json.
#pragma once

#include <string>

namespace runs_agent::runs_server {

/// What GET /docs/openapi.json answers.
std::string openapi_document();

}  // namespace runs_agent::runs_server
