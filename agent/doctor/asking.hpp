// SPDX-License-Identifier: MIT
// Asks from outside: the daemon on its listener, and deliveries on the public address. Each step
// has a bound. What is sent changes nothing: pings that are refused, or of which nothing is kept.
#pragma once

#include "base/awaitable.hpp"
#include "doctor/here.hpp"
#include "doctor/way.hpp"
#include "net/client/http_client.hpp"

#include <chrono>
#include <string>

namespace runs_agent::agent {

constexpr std::chrono::seconds look_bound{5};

/// What a GET is answered.
Awaitable<doctor::Answered> ask(net::HttpTransport& http, std::string url);

/// What a ping is answered at `url`: the probe, signed where `secret` is not empty.
Awaitable<doctor::Answered> ask_with_ping(net::HttpTransport& http, std::string url,
                                          std::string payload, std::string secret);

struct Outside {
    std::string url;  // where GitHub posts to
    bool from_hook = false;
    bool public_github = true;
    std::string secret;         // may be empty
    doctor::Answered local;     // the probe at the daemon's own listener
    bool insecure_ssl = false;  // GitHub does not look at the certificate, so the way does neither
    bool own_tls = false;       // the listener speaks TLS itself, as these settings say
    Time now{};
};

/// Of the address, its certificate and the way behind it.
Awaitable<doctor::Findings> look_from_outside(net::ClientOptions options, Outside outside);

}  // namespace runs_agent::agent
