// SPDX-License-Identifier: MIT
// Performs one planned call: the requests it takes, in order, down to one Reply. Nothing is retried
// here and nothing stored; that is the executor's business.
#pragma once

#include "base/awaitable.hpp"
#include "execute/find_recorded.hpp"
#include "execute/not_wanted.hpp"
#include "execute/performed.hpp"
#include "github/github.hpp"
#include "runs_api/runs_api.hpp"
#include "store/store.hpp"

#include <string>
#include <vector>

namespace runs_agent::execute {

class Performer {
public:
    /// `not_wanted` is asked right before each request that changes something.
    Performer(runs_api::RunsApi& api, github::GitHub& github, NotWanted not_wanted = {})
        : api_(api), github_(github), not_wanted_(std::move(not_wanted)) {}

    /// On the executor that both clients share.
    Awaitable<Performed> perform(const store::Call& call);

private:
    /// What came of looking for the recorded run, and which other runs go on where there is none.
    struct Searched {
        Performed performed;
        std::vector<InProgress> others;
        bool found = false;  // a run is recorded under the build id
    };

    Awaitable<Performed> cancel_ci(const store::Call& call, std::string project_id,
                                   std::string ci_build_id);
    Awaitable<Reply> send_cancel_ci(const store::Call& call, std::string project_id,
                                    std::string ci_build_id, runs_api::AttemptEncoding encoding);
    Awaitable<Performed> cancel_ci_if_in_progress(const store::Call& call);

    /// What is done with a recorded run that was found.
    using Action = Awaitable<Performed> (Performer::*)(const store::Call&, Lookup);
    Awaitable<Performed> cancel_found(const store::Call& call, Lookup found);
    Awaitable<Performed> cancel_orphan(const store::Call& call, Lookup found);
    Awaitable<Performed> reset(const store::Call& call, Lookup found);
    Awaitable<Searched> in_project(store::Call call, std::string project_id, Action action);
    Awaitable<Searched> in_all_projects(const store::Call& call, Action action);
    Awaitable<Performed> in_its_projects(const store::Call& call, Action action);
    Awaitable<Performed> where_none_is_recorded(const store::Call& call, Searched searched);
    Awaitable<Performed> cancel_by_github_ids(const store::Call& call, Searched searched);

    runs_api::RunsApi& api_;
    github::GitHub& github_;
    NotWanted not_wanted_;
    // The documents say integer, the official action sends a string: what worked last comes first.
    runs_api::AttemptEncoding encoding_ = runs_api::AttemptEncoding::integer;
};

}  // namespace runs_agent::execute
