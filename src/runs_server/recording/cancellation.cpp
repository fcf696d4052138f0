// SPDX-License-Identifier: MIT
#include "runs_server/recording/cancellation.hpp"

namespace runs_agent::runs_server {

void put_cancellation(Json& json, const RunRow& run) {
    put_object_or_null(json, "cancellation", run.facts.canceled_at.has_value(),
                       [&] { put_cancellation_members(json, run); });
}

void put_cancellation_members(Json& json, const RunRow& run) {
    put(json, "actor", run.canceled_by);
    put(json, "canceledAt", run.facts.canceled_at);
    put(json, "reason", run.cancel_reason);
}

}  // namespace runs_agent::runs_server
