// The embedded Runs API: which request goes where, and who may make it. The work itself is in
// ingest, find, cancel, reset and projects, each a function of the database and the time.
#pragma once

#include "base/clock.hpp"
#include "net/http_message.hpp"
#include "observe/log.hpp"
#include "sqlite/worker.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>

namespace runs_agent::runs_server {

struct ServerSettings {
    std::string base_url;  // where it is reached, such as http://127.0.0.1:4000
    /// A read-write API key that is valid as long as this process lives, and stored nowhere: for
    /// the daemon beside it. Empty: none.
    std::string process_key;
};

class RunsServer {
public:
    RunsServer(sqlite::Worker& database, const Clock& clock, Log& log, ServerSettings settings);

    /// Answers any request, on the server's executor.
    boost::asio::awaitable<net::HttpResponse> handle(net::HttpRequest request);

private:
    using Job = std::function<Result<net::HttpResponse>(sqlite::Database&)>;

    Job route(net::HttpRequest request) const;
    boost::asio::awaitable<net::HttpResponse> perform(Job job, bool writes);

    sqlite::Worker& database_;
    const Clock& clock_;
    Log& log_;
    ServerSettings settings_;
};

}  // namespace runs_agent::runs_server
