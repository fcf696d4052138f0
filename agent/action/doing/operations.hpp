// SPDX-License-Identifier: MIT
// The requests that a step takes, in order, down to one outcome.
#pragma once

#include "agent/action/asked/request.hpp"
#include "agent/action/doing/retry.hpp"
#include "agent/action/told/outcome.hpp"
#include "base/awaitable.hpp"
#include "github/github.hpp"
#include "net/client/http_client.hpp"

namespace runs_agent::agent::action {

/// What the requests go through. All of it must outlive the coroutine.
struct Services {
    runs_api::RunsApi& api;
    github::GitHub& github;
    net::HttpTransport& http;  // for the record key, which the API does not take
    const Clock& clock;
    Retrier& retrier;
    Retrier::Say say;  // for what people may want to know of the way
};

Awaitable<Outcome> perform(Request request, Services services);

}  // namespace runs_agent::agent::action
