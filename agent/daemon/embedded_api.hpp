// SPDX-License-Identifier: MIT
// The embedded Runs API as a part of a program: its database, its keys, its listener.
#pragma once

#include "base/awaitable.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "config/configuration.hpp"
#include "net/client/http_client.hpp"
#include "net/memory_budget.hpp"
#include "net/server/http_server.hpp"
#include "observe/log.hpp"
#include "runs_server/http/server.hpp"
#include "runs_server/notifying/notifier.hpp"
#include "runs_server/runs/remover.hpp"
#include "sqlite/worker.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace runs_agent::agent {

class EmbeddedApi {
public:
    /// Opens the database, makes the keys and the project of the environment valid (those it does
    /// not name are made up once, and told in a file that the log names; generated_keys.hpp), and
    /// begins to listen, and to send webhooks by `hooks` (cli/client_setup.hpp). `memory` is for
    /// its bodies and answers, and perhaps for those of the `listeners` of the process together.
    /// Blocks while the database is opened: for the start of a program.
    static Awaitable<Result<std::unique_ptr<EmbeddedApi>>> start(
        boost::asio::any_io_executor executor, const config::Configuration& configuration,
        net::ClientOptions hooks, Clock& clock, Log& log, std::shared_ptr<net::MemoryBudget> memory,
        std::size_t listeners);

    /// Where it is reached, with /v1.
    std::string url() const { return "http://" + server_->address() + "/v1"; }

    /// A key that is valid for this process alone, so that the daemon beside it needs none.
    std::function<Result<std::string>()> own_key() const;

    /// Answers a request as if it had come from outside. Valid as long as this is there.
    std::function<Awaitable<net::HttpResponse>(net::HttpRequest)> in_process() const;

    Awaitable<void> stop(std::chrono::milliseconds bound);

private:
    EmbeddedApi(const std::string& database_path);
    void send_hooks(const boost::asio::any_io_executor& executor, net::ClientOptions network,
                    Clock& clock, Log& log, const std::string& listen);

    sqlite::Worker database_;
    std::string process_key_;
    std::unique_ptr<net::HttpClient> hook_client_;
    std::unique_ptr<runs_server::Notifier> notifier_;
    std::unique_ptr<runs_server::Remover> remover_;
    std::unique_ptr<runs_server::RunsServer> runs_;
    std::unique_ptr<net::HttpServer> server_;
};

}  // namespace runs_agent::agent
