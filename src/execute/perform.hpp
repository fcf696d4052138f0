// Performs one planned call: the requests it takes, in order, down to one Reply. Nothing is retried
// here and nothing stored; that is the executor's business.
#pragma once

#include "execute/answer.hpp"
#include "runs_api/runs_api.hpp"
#include "store/store.hpp"

#include <boost/asio/awaitable.hpp>

namespace runs_agent::execute {

struct Performed {
    Reply reply;
    std::string log;  // each request and its answer, for `deliveries show`
};

class Performer {
public:
    explicit Performer(runs_api::RunsApi& api) : api_(api) {}

    /// On the API client's executor.
    boost::asio::awaitable<Performed> perform(const store::Call& call);

private:
    boost::asio::awaitable<Performed> cancel_ci(const store::Call& call);
    boost::asio::awaitable<Reply> send_cancel_ci(const store::Call& call, std::string project_id,
                                                 runs_api::AttemptEncoding encoding);
    boost::asio::awaitable<Performed> cancel_in_project(store::Call call, std::string project_id);
    boost::asio::awaitable<Performed> cancel_if_in_progress(const store::Call& call);

    runs_api::RunsApi& api_;
    // The documents say integer, the official action sends a string: what worked last comes first.
    runs_api::AttemptEncoding encoding_ = runs_api::AttemptEncoding::integer;
};

}  // namespace runs_agent::execute
