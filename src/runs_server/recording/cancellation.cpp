// SPDX-License-Identifier: MIT
#include "runs_server/recording/cancellation.hpp"

namespace runs_agent::runs_server {

void mark_cancelled(sqlite::Database& database, const std::string& run_id, const std::string& actor,
                    const std::string& reason, Time now) {
    database
        .prepare(
            "UPDATE runs SET canceled_at = ?, canceled_by = ?, cancel_reason = ? WHERE id = ?"
            " AND canceled_at IS NULL")
        .bind(now)
        .bind(actor)
        .bind(reason)
        .bind(run_id)
        .run();
}

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
