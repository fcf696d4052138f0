// Finds the recorded run of a CI build id: for execute/ and for a step of a workflow.
#pragma once

#include "execute/answer.hpp"
#include "runs_api/runs_api.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>

namespace runs_agent::execute {

/// What an answer, or the lack of one, is to the table.
Reply to_reply(const Result<runs_api::Answer>& answer);

/// Where a lookup left off: the recorded run, or the reply that says why there is none.
struct Lookup {
    std::string run_id;  // empty: not found
    bool in_progress = false;
    bool cancelled = false;
    std::string state;
    Reply reply;
};

/// Looks a run up by its CI build id: by find, and where that knows only completed runs (the
/// documents word it so) in the list of the project's runs in progress.
boost::asio::awaitable<Lookup> look_up(runs_api::RunsApi& api, std::string project_id,
                                       std::string ci_build_id);

}  // namespace runs_agent::execute
