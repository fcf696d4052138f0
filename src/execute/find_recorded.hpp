// SPDX-License-Identifier: MIT
// Finds the recorded run of a CI build id: for execute/ and for a step of a workflow.
#pragma once

#include "base/awaitable.hpp"
#include "execute/answer.hpp"
#include "execute/performed.hpp"
#include "runs_api/runs_api.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace runs_agent::execute {

/// What an answer, or the lack of one, is to the table.
Reply to_reply(const Result<runs_api::Answer>& answer);

/// A run that is in progress under another CI build id than the one that was looked for.
struct InProgress {
    std::string project_id;
    std::string ci_build_id;
    std::optional<Time> created_at;
};

/// Where a lookup left off: the recorded run, or the reply that says why there is none.
struct Lookup {
    std::string run_id;  // empty: not found
    bool in_progress = false;
    bool cancelled = false;
    std::string state;
    Reply reply;
    std::vector<InProgress> others;  // where the reply is "not found": all that go on
};

/// Nothing is done with the run that was found: `what`, and how the run is.
Performed nothing_to_do(const std::string& what, const Lookup& found);

/// Looks a run up by its CI build id: by find, and where that knows only completed runs (the
/// documents word it so) in the list of the project's runs in progress. "Not found" (404) only
/// where that list was read to its end.
Awaitable<Lookup> find_recorded_run(runs_api::RunsApi& api, std::string project_id,
                                    std::string ci_build_id);

/// The projects that the key can see.
struct Projects {
    bool listed = false;  // else the reply says why not
    std::vector<std::string> ids;
    Reply reply;
    std::string_view cut_short;  // why there may be more; empty: there are no more
};

Awaitable<Projects> list_all_projects(runs_api::RunsApi& api);

}  // namespace runs_agent::execute
