// SPDX-License-Identifier: MIT
// All that a set-up goes by, complete and checked before anything is made.
#pragma once

#include "agent/setup/place.hpp"
#include "agent/setup/wish.hpp"
#include "base/awaitable.hpp"
#include "net/client/http_client.hpp"

#include <optional>
#include <string>

namespace runs_agent::agent::setup {

struct Plan {
    Wish wish;
    Place place;
    std::optional<std::string> secret;  // the webhook's, where there is one already
    std::string api_url;                // for GITHUB_API_URL; empty where it is the default
    bool paste = false;
    bool kubernetes = false;  // prints a Secret instead of writing files
    bool wait = true;
    net::ClientOptions network;
    config::Environment environment;
};

/// A GitHub App from its manifest; returns the exit code.
Awaitable<int> make_app(Plan plan);

/// A webhook of an organization or a repository, with GITHUB_TOKEN; returns the exit code.
Awaitable<int> make_webhook(Plan plan);

}  // namespace runs_agent::agent::setup
