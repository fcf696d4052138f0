// SPDX-License-Identifier: MIT
// POST /v1/runs/cancel: cancels a run with the record key that reporters have, and no API key.
#pragma once

#include "agent/action/asked/request.hpp"
#include "base/awaitable.hpp"
#include "base/clock.hpp"
#include "net/client/http_client.hpp"
#include "runs_api/runs_api.hpp"

namespace runs_agent::agent::action {

/// The JSON body; a run id wins over a build id.
std::string record_key_body(const Request& request);

/// Asks once. Errors as of runs_api::RunsApi. `transport` and `clock` must live as long.
Awaitable<Result<runs_api::Answer>> cancel_with_record_key(net::HttpTransport& transport,
                                                           const Clock& clock, Request request);

}  // namespace runs_agent::agent::action
