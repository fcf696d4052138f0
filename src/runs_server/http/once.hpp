// SPDX-License-Identifier: MIT
// Requests that must not be done twice: a reporter that got no answer sends the same request again,
// with the same idempotency key, and gets the answer that it missed, also from a server that was
// started anew meanwhile. Source: @currents/playwright 2.5.0, which keeps the key over its retries.
#pragma once

#include "base/time.hpp"
#include "net/http_message.hpp"
#include "sqlite/database.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace runs_agent::runs_server {

/// What tells the request from others; empty where it carries no key, or is done twice without
/// harm.
std::string identity_of(const net::HttpRequest& request);

/// An answer that was given before.
struct KeptAnswer {
    std::int64_t seq = 0;  // later ones have higher numbers
    net::HttpResponse response;
};

/// The answer that the request got; absent where it comes for the first time.
std::optional<KeptAnswer> answered_before(sqlite::Database& database, const std::string& identity);

/// Keeps a good answer, for a day, in the place of one that holds no more: it is made again where
/// it was not good. In the transaction of what was done for the request.
void record_answer(sqlite::Database& database, const std::string& identity,
                   const net::HttpResponse& response, Time now);

}  // namespace runs_agent::runs_server
