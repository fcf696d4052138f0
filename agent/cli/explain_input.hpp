// SPDX-License-Identifier: MIT
// What `explain` reads: one payload, or one delivery a line, as a history in that order.
#pragma once

#include "base/error.hpp"
#include "webhooks/deliveries/payload.hpp"

#include <string>
#include <vector>

namespace runs_agent::agent {

struct ExplainedDelivery {
    std::string guid;   // empty for a lone payload
    std::string event;  // workflow_run, ping, …
    std::string host = "github.com";
    webhooks::Payload payload;
};

/// Reads the text of FILE. A lone payload's event is told by its members. Errc::bad_input names the
/// line that cannot be read and why.
Result<std::vector<ExplainedDelivery>> read_explained(const std::string& text);

}  // namespace runs_agent::agent
