// SPDX-License-Identifier: MIT
// What each `runs` command does once it is understood: one call of the Runs API, its outcome
// printed, and the exit code.
#pragma once

#include "base/awaitable.hpp"
#include "runs_api/runs_api.hpp"

#include <string>

namespace runs_agent::agent {

/// Every coroutine below keeps references to its arguments until it ends.
struct Printing {
    bool json = false;
    std::string output;  // a file for the data of find; empty: none
};

Awaitable<int> runs_get(runs_api::RunsApi& api, const std::string& run_id,
                        const Printing& printing);
Awaitable<int> runs_find(runs_api::RunsApi& api, const runs_api::FindRun& query,
                         const Printing& printing);
Awaitable<int> runs_list(runs_api::RunsApi& api, const runs_api::ListRuns& query,
                         const Printing& printing);
Awaitable<int> runs_cancel(runs_api::RunsApi& api, const std::string& run_id,
                           const Printing& printing);
Awaitable<int> runs_cancel_ci(runs_api::RunsApi& api, const runs_api::CancelGithubCi& request,
                              const Printing& printing);
Awaitable<int> runs_reset(runs_api::RunsApi& api, const std::string& run_id,
                          const runs_api::ResetRun& request, const Printing& printing);
Awaitable<int> runs_delete(runs_api::RunsApi& api, const std::string& run_id,
                           const Printing& printing);

}  // namespace runs_agent::agent
