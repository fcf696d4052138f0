// SPDX-License-Identifier: MIT
// From a signed request to the facts of its workflow run, as the receiver reads them.
#pragma once

#include "tests/webhooks/example_request.hpp"
#include "webhooks/deliveries/payload.hpp"
#include "webhooks/receiving/read_delivery.hpp"

#include <stdexcept>
#include <utility>
#include <variant>

namespace runs_agent::webhooks {

inline decide::WorkflowRun facts_of(net::HttpRequest request) {
    auto read = read_delivery(std::move(request), {example_secret});
    if (const auto* refusal = std::get_if<Refusal>(&read))
        throw std::runtime_error(refusal->message);
    auto& delivery = std::get<Delivery>(read);
    const auto payload = Payload::parse(std::move(delivery.payload));
    if (payload.has_error()) throw std::runtime_error(payload.error().message);
    const auto run = payload->workflow_run(delivery.host);
    if (run.has_error()) throw std::runtime_error(run.error().message);
    return *run;
}

}  // namespace runs_agent::webhooks
