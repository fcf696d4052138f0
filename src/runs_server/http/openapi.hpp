// SPDX-License-Identifier: MIT
// The OpenAPI document of the embedded Runs API, compiled in from openapi.json.
#pragma once

#include "net/http_message.hpp"

namespace runs_agent::runs_server {

/// GET /docs/openapi.json
net::HttpResponse openapi_document();

}  // namespace runs_agent::runs_server
