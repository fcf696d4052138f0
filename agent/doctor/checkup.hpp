// SPDX-License-Identifier: MIT
// What a running daemon knows of its own set-up, for the page: its own state each time anew, the
// services once a minute at most, however often the page is looked at.
#pragma once

#include "base/awaitable.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "config/configuration.hpp"
#include "decide/policy.hpp"
#include "doctor/finding.hpp"
#include "net/client/http_client.hpp"
#include "observe/metrics.hpp"
#include "store/store.hpp"

#include <functional>
#include <memory>

namespace runs_agent::agent {

class Checkup {
public:
    struct About {
        config::Configuration configuration;
        bool own_api = false;  // calls go to the embedded Runs API
        net::ClientOptions network;
        /// That is in force.
        std::function<std::shared_ptr<const decide::Policy>()> policy;
        /// Can the store write? Not tried anew for each who looks.
        std::function<Awaitable<Result<void>>()> written;
    };

    /// Holds references to store, clock and metrics. Everything on `executor`.
    Checkup(const boost::asio::any_io_executor& executor, About about, store::Store& store,
            Clock& clock, const Metrics& metrics);
    ~Checkup();
    Checkup(const Checkup&) = delete;
    Checkup& operator=(const Checkup&) = delete;

    /// Waits for the services for some seconds; what has not answered by then is in the next one.
    Awaitable<doctor::Report> report();
    /// Waits for no service, and lets them be asked every five minutes, or every minute while
    /// something is wrong: for what is looked at all the time. It tells of the daemon's own state
    /// alone, and that it is still asking, before their answers and where the last ones are of more
    /// than ten minutes ago.
    Awaitable<doctor::Report> glance();

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace runs_agent::agent
