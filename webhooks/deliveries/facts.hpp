// SPDX-License-Identifier: MIT
// What there is to decide about a delivery, or why there is nothing. The daemon records it and
// `explain` foretells it, so both ask here.
#pragma once

#include "decide/facts.hpp"
#include "webhooks/deliveries/payload.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace runs_agent::webhooks {

/// Why nothing follows from a delivery.
struct Ignored {
    std::string because;
};

/// `event` is X-GitHub-Event, `host` the GitHub it came from.
std::variant<decide::Event, Ignored> read_facts(std::string_view event, const std::string& host,
                                                const Payload& payload);

}  // namespace runs_agent::webhooks
