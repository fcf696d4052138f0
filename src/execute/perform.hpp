// Performs one planned call: the requests it takes, in order, down to one Reply. Nothing is retried
// here and nothing stored; that is the executor's business.
#pragma once

#include "execute/find_recorded.hpp"
#include "execute/performed.hpp"
#include "github/github.hpp"
#include "runs_api/runs_api.hpp"
#include "store/store.hpp"

#include <boost/asio/awaitable.hpp>

namespace runs_agent::execute {

class Performer {
public:
    Performer(runs_api::RunsApi& api, github::GitHub& github) : api_(api), github_(github) {}

    /// On the executor that both clients share.
    boost::asio::awaitable<Performed> perform(const store::Call& call);

private:
    boost::asio::awaitable<Performed> cancel_ci(const store::Call& call);
    boost::asio::awaitable<Reply> send_cancel_ci(const store::Call& call, std::string project_id,
                                                 runs_api::AttemptEncoding encoding);
    boost::asio::awaitable<Performed> cancel_ci_if_in_progress(const store::Call& call);

    /// What is done with a recorded run that was found.
    using Action = boost::asio::awaitable<Performed> (Performer::*)(const store::Call&, Lookup);
    boost::asio::awaitable<Performed> cancel_found(const store::Call& call, Lookup found);
    boost::asio::awaitable<Performed> cancel_orphan(const store::Call& call, Lookup found);
    boost::asio::awaitable<Performed> reset(const store::Call& call, Lookup found);
    boost::asio::awaitable<Performed> in_project(store::Call call, std::string project_id,
                                                 Action action);
    boost::asio::awaitable<Performed> in_its_projects(const store::Call& call, Action action);

    runs_api::RunsApi& api_;
    github::GitHub& github_;
    // The documents say integer, the official action sends a string: what worked last comes first.
    runs_api::AttemptEncoding encoding_ = runs_api::AttemptEncoding::integer;
};

}  // namespace runs_agent::execute
