// The embedded Runs API: takes requests, sees who may do what, and lets routes.hpp answer. All of
// it but the look for a route happens on the database's threads, so that neither unpacking nor a
// run of 20,000 specs holds up whoever shares the server's executor.
#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "net/http_message.hpp"
#include "observe/log.hpp"
#include "runs_server/signed_url.hpp"
#include "sqlite/worker.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>

namespace runs_agent::runs_server {

class RunsServer {
public:
    /// `process_key` is a read-write API key that is valid as long as this process lives, and
    /// stored nowhere: for the daemon beside it. `url_key` signs URLs; see read_url_key().
    RunsServer(sqlite::Worker& database, const Clock& clock, Log& log, std::string process_key,
               std::string url_key);

    /// Answers any request, on the server's executor.
    boost::asio::awaitable<net::HttpResponse> handle(net::HttpRequest request);

private:
    struct Shared;
    std::shared_ptr<const Shared> shared_;  // jobs on the database's threads hold it too
    sqlite::Worker& database_;
    const Clock& clock_;
    Log& log_;
};

/// The secret of this database that signs the URLs of artifacts.
std::string read_url_key(sqlite::Database& database);

}  // namespace runs_agent::runs_server
