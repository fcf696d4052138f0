// SPDX-License-Identifier: MIT
// The daemon: wires the parts together and owns how they start, drain and stop. A delivery's way
// through it: HttpServer -> Receiver -> Store -> DecisionLoop -> Store -> Executor -> Runs API.
#pragma once

#include "agent/daemon/health.hpp"
#include "base/clock.hpp"
#include "base/wakeup.hpp"
#include "decide/policy.hpp"
#include "execute/decision_loop.hpp"
#include "execute/executor.hpp"
#include "github/github.hpp"
#include "net/client/http_client.hpp"
#include "net/server/http_server.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"
#include "runs_api/runs_api.hpp"
#include "store/store.hpp"
#include "webhooks/catching_up/catch_up.hpp"
#include "webhooks/receiving/receiver.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace runs_agent::agent {

struct DaemonOptions {
    std::string listen;
    std::optional<net::ServerCertificate> certificate;  // of `listen`; empty: plain HTTP
    std::vector<std::string> webhook_secrets;
    decide::Policy policy;
    Ground ground;
    store::Retention retention;
    /// Where people are told that something needs them, each time anew; and by what. Nothing set:
    /// nowhere.
    std::function<Result<std::string>()> notify_url;
    net::HttpTransport* notify_by = nullptr;
    std::string notify_name;  // of this daemon
    /// See execute::ExecutorOptions::service.
    std::function<std::string()> runs_api_service = [] {
        return std::string(store::runs_api_service);
    };
    bool dry_run = false;   // see execute::ExecutorOptions
    bool catch_up = false;  // ask GitHub for missed webhooks: there are credentials for it
    /// Of all listeners of the process.
    std::shared_ptr<net::MemoryBudget> memory = net::ServerOptions::default_memory();
    std::size_t max_connections = 2048;
};

class Daemon {
public:
    /// Holds references to all it is given. Everything runs on `executor`, which has one thread.
    Daemon(boost::asio::any_io_executor executor, DaemonOptions options, store::Store& store,
           runs_api::RunsApi& api, github::GitHub& github, Clock& clock, Log& log, Metrics& metrics,
           std::function<double()> random);

    /// Begins to listen and to work. Errors: those of HttpServer::start().
    Result<void> start();

    /// ADDRESS:PORT of the webhook listener, once started.
    std::string address() const { return server_.address(); }

    /// What was read anew: from now on it decides and verifies by that.
    void use(decide::Policy policy, std::vector<std::string> webhook_secrets);

    /// Of a daemon that began with one: from now on it is shown.
    void use(net::ServerCertificate certificate) { server_.use(std::move(certificate)); }

    /// Can the store write? Tried once a second at most, whoever asks.
    boost::asio::awaitable<Result<void>> writable() { return health_.writable(); }

    /// Orderly: takes no more requests, answers those under way, finishes the calls under way.
    /// Returns after `bound` at the latest; whatever is unfinished then is taken up by the next
    /// process.
    boost::asio::awaitable<void> stop(std::chrono::milliseconds bound);

private:
    boost::asio::awaitable<net::HttpResponse> route(net::HttpRequest request);
    boost::asio::awaitable<net::HttpResponse> receive(net::HttpRequest request);
    Standing standing() const;
    boost::asio::awaitable<void> read_last_delivery();
    boost::asio::awaitable<void> tell_people();
    boost::asio::awaitable<void> tell_once();
    boost::asio::awaitable<void> prune();
    boost::asio::awaitable<bool> prune_a_step();
    boost::asio::awaitable<bool> name_a_step();
    void spawn(boost::asio::awaitable<void> part);
    void hear_others();

    boost::asio::any_io_executor executor_;
    store::Store& store_;
    Clock& clock_;
    Log& log_;
    Metrics& metrics_;
    Health health_;
    execute::Executor calls_;
    store::Decider decider_;
    execute::DecisionLoop decisions_;
    webhooks::Receiver receiver_;
    webhooks::CatchUp catch_up_;
    const bool catches_up_;
    const std::size_t max_connections_;
    const store::Retention retention_;
    net::HttpServer server_;
    const std::function<Result<std::string>()> notify_url_;
    net::HttpTransport* const notify_by_;
    Notices notices_;
    Wakeup notices_wakeup_;
    Wakeup prune_wakeup_;
    Wakeup part_ended_;
    int parts_ = 0;
    int named_ = 0;  // deliveries, since it was told
    bool stopping_ = false;
    /// Gone with the daemon: what the store's thread has posted by then does nothing.
    const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace runs_agent::agent
