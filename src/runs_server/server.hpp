// The embedded Runs API: takes requests, sees who may do what, and lets routes.hpp answer. All of
// it but the look for a route happens on other threads, so that neither unpacking nor a run of
// 20,000 specs holds up whoever shares the server's executor: on the database's, for those who may
// ask. What a reporter sends is first unpacked and looked through for its record key on a thread of
// its own, so that strangers' bodies take no time of the database, nor more memory than one of
// them.
#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "net/http_message.hpp"
#include "observe/log.hpp"
#include "runs_server/routes.hpp"
#include "runs_server/signed_url.hpp"
#include "sqlite/worker.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include <memory>
#include <string>

namespace runs_agent::runs_server {

class RunsServer {
public:
    /// `process_key` is a read-write API key that is valid as long as this process lives, and
    /// stored nowhere: for the daemon beside it. `url_key` signs the addresses of artifacts.
    RunsServer(sqlite::Worker& database, const Clock& clock, Log& log, std::string process_key,
               std::string url_key);

    /// Answers any request, on the server's executor.
    boost::asio::awaitable<net::HttpResponse> handle(net::HttpRequest request);

private:
    struct Shared;

    boost::asio::awaitable<Result<net::HttpResponse>> answer(
        std::shared_ptr<net::HttpRequest> request, Match found, std::string path, Time now);
    boost::asio::awaitable<Result<bool>> is_known(std::string record_key);

    std::shared_ptr<const Shared> shared_;  // jobs on the database's threads hold it too
    sqlite::Worker& database_;
    const Clock& clock_;
    Log& log_;
    boost::asio::thread_pool unpacking_{1};
};

}  // namespace runs_agent::runs_server
