// SPDX-License-Identifier: MIT
// What is still to be sent to webhooks: rows that are there until they were delivered or given up.
#pragma once

#include "base/time.hpp"
#include "net/http_message.hpp"
#include "sqlite/database.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace runs_agent::runs_server {

struct OutgoingHook {
    std::string id;  // of this delivery, the same at each try
    std::string hook_id;
    std::string run_id;
    std::string event;
    std::string url;
    net::Headers headers;
    std::string body;
    Time created_at{};
    int tries = 0;  // so far, all in vain
};

/// What may be sent by now, the longest due first: of each hook and run only the oldest, as what
/// came later must not overtake it; of each hook at most `per_hook`, so that one that does not
/// answer leaves room for others. What is due later than `latest` is due now: nothing is put off so
/// long, so the clock was set back.
std::vector<OutgoingHook> due_hooks(sqlite::Database& database, Time now, Time latest,
                                    std::size_t per_hook, std::size_t limit);

/// When something that is not due yet will be.
std::optional<Time> next_due_hook(sqlite::Database& database, Time now);

/// Delivered, or given up.
void forget_hook(sqlite::Database& database, const std::string& id);
void put_off_hook(sqlite::Database& database, const std::string& id, Time due);

/// Makes all due: what kept them from being delivered may be mended, as by a restart it is.
void retry_hooks(sqlite::Database& database, Time now);

}  // namespace runs_agent::runs_server
