// SPDX-License-Identifier: MIT
// The request that tells a webhook of an event, and what its answer means.
// Source: docs.currents.dev, "HTTP Webhooks".
#pragma once

#include "base/error.hpp"
#include "base/time.hpp"
#include "net/client/http_client.hpp"
#include "net/http_message.hpp"
#include "runs_server/notifying/outbox.hpp"

#include <string>

namespace runs_agent::runs_server {

/// What became of a try.
struct Outcome {
    std::string fault;         // why it was not delivered; empty where it was
    bool hook_is_down = true;  // else it does not want this one
    Time began{};
};

net::HttpRequest request_of(const OutgoingHook& hook, Time now);

/// Why it counts as not delivered; empty where it was. Redirects are not followed: whoever moves
/// has the hook changed.
std::string fault_of(const Result<net::HttpResponse>& answer);

/// Did the receiver answer that it does not want this very request? Others it may take. Of any
/// other fault they would fail alike.
bool is_of_this_one(const Result<net::HttpResponse>& answer);

/// The URL without what may be secret in it.
std::string receiver_of(const OutgoingHook& hook);

/// How requests to webhooks are to be sent, beside who may be connected to: each by itself, and
/// within half a minute. No proxy.
net::ClientOptions hook_client_options(std::string user_agent, std::string ca_file,
                                       net::MayConnect may_connect);

}  // namespace runs_agent::runs_server
