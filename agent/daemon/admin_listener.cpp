// SPDX-License-Identifier: MIT
#include "agent/daemon/admin_listener.hpp"

#include "agent/daemon/embedded_api.hpp"
#include "config/settings_in_force.hpp"
#include "github/request.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

namespace runs_agent::agent {

namespace {

constexpr std::size_t max_connections = 128;

/// How deliveries of the GitHub whose API is at this address name it, and where its pages are.
std::string github_host(const std::string& api_url) {
    const auto host = github::host_of_api(api_url);
    return host.has_value() ? *host : "github.com";
}

admin::AdminOptions admin_options(const config::Configuration& configuration,
                                  const AdminListener::About& about) {
    admin::AdminOptions options;
    options.token = configuration.admin_token;
    options.read_token = configuration.admin_read_token;
    options.version = about.version;
    options.policy = about.policy;
    options.policy_file = configuration.policy_file;
    options.dry_run = about.dry_run;
    options.runs_api_service = about.runs_api_service;
    options.own_api = about.own_api;
    options.checkup = about.checkup;
    options.glance = about.glance;
    options.github_host = github_host(configuration.github.api_url);
    for (config::Setting& setting : config::settings_in_force(configuration))
        options.settings.emplace_back(std::move(setting.name), std::move(setting.value));
    options.tls = about.certificate.has_value();
    options.listeners.emplace_back(
        "webhooks", (options.tls ? "https://" : "http://") + about.webhooks + "/webhooks/github");
    if (about.api == nullptr) return options;
    options.listeners.emplace_back("the Runs API of this program", about.api->url());
    options.runs_api = about.api->in_process();
    options.runs_api_key = about.api->own_key()().value();
    return options;
}

}  // namespace

void AdminListener::use(const config::Configuration& read) {
    if (!read.admin_token.empty()) admin_->use(read.admin_token, read.admin_read_token);
}

boost::asio::awaitable<void> AdminListener::stop(std::chrono::milliseconds bound) {
    return server_->stop(bound);
}

Result<std::unique_ptr<AdminListener>> AdminListener::start(
    const boost::asio::any_io_executor& executor, const config::Configuration& configuration,
    const About& about, store::Store& store, Clock& clock, Log& log,
    std::shared_ptr<net::MemoryBudget> memory) {
    std::unique_ptr<AdminListener> made;
    if (configuration.admin_token.empty()) return made;
    made.reset(new AdminListener());
    made->admin_ = std::make_unique<admin::Admin>(executor, admin_options(configuration, about),
                                                  store, clock, log);
    net::ServerOptions options;
    options.listen = configuration.admin_listen;
    options.max_body = admin::Admin::max_body;
    options.max_connections = max_connections;
    options.certificate = about.certificate;
    options.on_handshake_failed = [&log](std::string_view why, std::string_view peer) {
        log.limited(LogLevel::warning, "admin.tls_failed", {{"why", why}, {"peer", peer}});
    };
    options.memory = std::move(memory);
    options.wants_body = admin::Admin::wants_body;
    made->server_ = std::make_unique<net::HttpServer>(
        executor, std::move(options),
        [admin = made->admin_.get()](net::HttpRequest request) {
            return admin->handle(std::move(request));
        },
        [&log](std::string_view error) {
            log.limited(LogLevel::error, "admin.server", {{"error", error}});
        });
    if (const auto started = made->server_->start(); started.has_error()) return started.error();
    log.info("admin.listening", {{"address", made->server_->address()}});
    return made;
}

}  // namespace runs_agent::agent
