// SPDX-License-Identifier: MIT
// A machine with cypress-cloud asks what to run next. Source: cypress-cloud 1.13.1.
#pragma once

#include "base/time.hpp"
#include "net/http_message.hpp"
#include "sqlite/database.hpp"

#include <cstdint>
#include <string>

namespace runs_agent::runs_server {

/// How it asks, and reads the answer.
enum class CypressDialect : std::uint8_t {
    one_by_one,  // POST /runs/{id}/instances, as Sorry Cypress has it
    batches,     // POST /runs/{id}/cy/instances, with CURRENTS_ENFORCE_IS_CURRENTS
};

/// The longest specs that nobody has; none where nobody needs to run any, which ends the machine's
/// session. `attempt` is how often the request was sent before. 422 RUN_CANCELLED, but for a
/// machine whose results are under way: it would leave them behind, and learns it from the answer
/// to them. 422 RUN_EXPIRED; 404 for a machine that has not joined.
net::HttpResponse next_specs(sqlite::Database& database, const std::string& run_id,
                             const std::string& body, CypressDialect dialect, std::int64_t attempt,
                             Time now);

}  // namespace runs_agent::runs_server
