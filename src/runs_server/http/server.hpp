// SPDX-License-Identifier: MIT
// The embedded Runs API: takes requests, sees who may do what, and lets routes.hpp answer. All of
// it but the look for a route happens on other threads, so that neither unpacking nor a run of
// 20,000 specs holds up whoever shares the server's executor: on the database's, for those who may
// ask. Who may is found out before (admission.hpp), so that strangers take no time of the database.
// What those who may send packed is unpacked on a thread of its own, one body at a time, and so are
// announced suites read.
#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "net/http_message.hpp"
#include "net/memory_budget.hpp"
#include "observe/log.hpp"
#include "runs_server/http/admission.hpp"
#include "runs_server/http/one_by_one.hpp"
#include "runs_server/http/routes.hpp"
#include "sqlite/worker.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace runs_agent::runs_server {

struct RunsServerOptions {
    std::string database_path;  // of the worker's database
    /// A read-write API key that is valid as long as this process lives, and stored nowhere: for
    /// the daemon beside it.
    std::string process_key;
    std::string url_key;  // signs the addresses of artifacts
    /// Of all bodies and answers; null: there is no bound.
    std::shared_ptr<net::MemoryBudget> memory;
    HookTargets hook_targets = {};  // where webhooks may go
    /// Called on the server's executor when there is something new to be sent to webhooks, once
    /// that is on disk. Empty: nobody sends.
    std::function<void()> on_news = {};
    /// Called on the server's executor when something was deleted, whose rows are to be removed
    /// (runs/remover.hpp). Empty: they stay.
    std::function<void()> on_deleted = {};
};

class RunsServer {
public:
    /// Throws sqlite::SqliteError where the database cannot be opened once more.
    RunsServer(sqlite::Worker& database, const Clock& clock, Log& log, RunsServerOptions setup);

    /// Answers any request, on the server's executor.
    boost::asio::awaitable<net::HttpResponse> handle(net::HttpRequest request);

    /// Can the body of this request matter? Not where there is no such operation, nor where the key
    /// is missing that would have to come with its head.
    static bool wants_body(const net::HttpRequest& head);

    /// Is it asked with an address that this server has signed, or by a reporter whose head shows a
    /// key that is known to be valid? Bodies of tens of megabytes that arrive at once then wait for
    /// one another, where strangers' make way.
    bool knows_sender(const net::HttpRequest& head) const;

    /// What the search for keys in strangers' bodies has cost so far.
    KeySearches::Counts key_searches() const { return admission_.counts(); }

private:
    struct Shared;
    /// Of a body that came packed.
    struct Unpacked {
        std::optional<net::HttpResponse> refused;
        std::shared_ptr<net::MemoryShare> room;  // for it; null where it was not packed
    };

    boost::asio::awaitable<Result<net::HttpResponse>> answer(
        std::shared_ptr<net::HttpRequest> request, Match found, std::string path, Time now);
    boost::asio::awaitable<Result<net::HttpResponse>> answer_known(
        std::shared_ptr<net::HttpRequest> request, Match found, Time now);
    boost::asio::awaitable<Result<net::HttpResponse>> announce(
        std::shared_ptr<net::HttpRequest> request, Match found, Time now);
    boost::asio::awaitable<Result<net::HttpResponse>> announce_in_turn(
        std::shared_ptr<net::HttpRequest> request, Match found, Time now);
    boost::asio::awaitable<Unpacked> unpack_if_packed(std::shared_ptr<net::HttpRequest> request);
    boost::asio::awaitable<Result<net::HttpResponse>> perform(
        std::shared_ptr<net::HttpRequest> request, std::shared_ptr<AnnouncedBody> announced,
        std::shared_ptr<net::MemoryShare> room, Match found, Time now);
    boost::asio::awaitable<Result<bool>> knows(std::shared_ptr<AnnouncedBody> announced);

    std::shared_ptr<const Shared> shared_;  // jobs on the database's threads hold it too
    sqlite::Worker& database_;
    const Clock& clock_;
    Log& log_;
    std::function<void()> on_news_;
    std::function<void()> on_deleted_;
    Admission admission_;
    OneByOne announcing_;
    boost::asio::thread_pool unpacking_{1};
};

}  // namespace runs_agent::runs_server
