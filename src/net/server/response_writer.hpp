// SPDX-License-Identifier: MIT
// Writes answers, with what RFC 9110 wants in each. Only for the server's own files, as it brings
// Beast along.
#pragma once

#include "base/awaitable.hpp"
#include "base/time.hpp"
#include "net/http_message.hpp"
#include "net/server/peer.hpp"

#include <chrono>
#include <string_view>

namespace runs_agent::net {

/// What an answer depends on, beside itself.
struct Answering {
    unsigned version = 11;  // of the request's HTTP
    bool keep_alive = false;
    bool head = false;  // the length, but not the body
};

/// Adds Date, Cache-Control (nothing is kept by anybody in between, unless the answer says so
/// itself) and, to a 401, the `challenge` (RFC 9110 sections 6.6.1 and 11.6.1).
void complete(HttpResponse& response, std::string_view challenge, Time now);

/// False where it could not be written: the peer is gone, or reads slower than `patience` bears
/// with (Peer::expect).
Awaitable<bool> write_response(Peer& peer, HttpResponse response, Answering answering,
                               std::chrono::milliseconds patience);

}  // namespace runs_agent::net
