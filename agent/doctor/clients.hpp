// SPDX-License-Identifier: MIT
// The services as a look at them asks: each step with a short bound, and what time it is there
// kept.
#pragma once

#include "agent/doctor/services.hpp"
#include "agent/doctor/watching.hpp"
#include "config/configuration.hpp"
#include "github/client.hpp"
#include "github/credentials.hpp"
#include "github/standing.hpp"
#include "net/client/http_client.hpp"
#include "runs_api/client.hpp"

#include <memory>
#include <string>

namespace runs_agent::agent {

/// Of the daemon's settings, with bounds that a person bears to wait for.
net::ClientOptions patient_for_a_look(net::ClientOptions options);

class Clients {
public:
    /// `clock` and `configuration` must live as long.
    Clients(const boost::asio::any_io_executor& executor, net::ClientOptions options,
            const Clock& clock, const config::Configuration& configuration);

    net::HttpTransport& http() { return http_; }
    runs_api::RunsApi& api() { return api_; }
    const std::string& github_host() const { return github_.host(); }
    GitHubAsked github() { return {github_, standing_, watched_}; }
    const WatchingTransport& watched() const { return watched_; }
    void give_up_at(SteadyTime at) { watched_.give_up_at(at); }

private:
    net::HttpClient http_;
    WatchingTransport watched_;
    runs_api::RunsApiClient api_;
    std::unique_ptr<github::Credentials> credentials_;
    github::GitHubClient github_;
    github::Standing standing_;
};

}  // namespace runs_agent::agent
