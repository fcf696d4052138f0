// SPDX-License-Identifier: MIT
// The page and its HTTP API as a part of the daemon: a listener of its own, so that the public path
// never shows it.
#pragma once

#include "admin/server.hpp"
#include "base/awaitable.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "config/configuration.hpp"
#include "decide/policy.hpp"
#include "net/memory_budget.hpp"
#include "net/server/http_server.hpp"
#include "observe/log.hpp"
#include "store/store.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace runs_agent::agent {

class EmbeddedApi;

class AdminListener {
public:
    /// What it is told besides the configuration.
    struct About {
        std::string version;
        bool dry_run = false;
        std::function<std::string()> runs_api_service;      // as in DaemonOptions
        std::string webhooks;                               // where deliveries are received
        std::optional<net::ServerCertificate> certificate;  // of both; empty: plain HTTP
        const EmbeddedApi* api = nullptr;                   // may be null; must live as long
        bool own_api = false;                               // the daemon's calls go to it
        /// What is known of the set-up; must live as long.
        std::function<Awaitable<doctor::Report>()> checkup;
        std::function<Awaitable<doctor::Report>()> glance;  // the same, without waiting
        /// That is in force, which may change; must live as long.
        std::function<std::shared_ptr<const decide::Policy>()> policy;
    };

    /// Begins to listen. Null where RUNS_AGENT_ADMIN_TOKEN is not set: then there is no page. Holds
    /// references to the store, the clock and the log. Errors: those of HttpServer::start().
    static Result<std::unique_ptr<AdminListener>> start(
        const boost::asio::any_io_executor& executor, const config::Configuration& configuration,
        const About& about, store::Store& store, Clock& clock, Log& log,
        std::shared_ptr<net::MemoryBudget> memory);

    /// Of one that began with a certificate: from now on this one is shown.
    void use(net::ServerCertificate certificate) { server_->use(std::move(certificate)); }

    /// What was read anew: from now on its tokens open the page, and who signed in by another one
    /// does so again. Where it has none the page stays as it is: only a start takes it away.
    void use(const config::Configuration& read);

    /// As HttpServer::stop().
    Awaitable<void> stop(std::chrono::milliseconds bound);

private:
    AdminListener() = default;

    std::unique_ptr<admin::Admin> admin_;
    std::unique_ptr<net::HttpServer> server_;
};

}  // namespace runs_agent::agent
