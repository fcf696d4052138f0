// SPDX-License-Identifier: MIT
// Tells what became of workflow runs, as their events would have: makes up the deliveries that are
// not stored, asking for what is in them beside the run.
#pragma once

#include "base/awaitable.hpp"
#include "github/github.hpp"
#include "store/store.hpp"
#include "webhooks/catching_up/intake.hpp"
#include "webhooks/catching_up/memory.hpp"
#include "webhooks/catching_up/request_budget.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace runs_agent::webhooks {

class RunTelling {
public:
    /// All must live as long; `stopping` may become true at any time.
    RunTelling(store::Store& store, github::GitHub& github, const CatchUpMemory& memory,
               RequestBudget& budget, Intake& intake, const bool& stopping)
        : store_(store),
          github_(github),
          memory_(memory),
          budget_(budget),
          intake_(intake),
          stopping_(stopping) {}

    /// True where nothing of these runs is left for a later round to tell.
    Awaitable<bool> store_news(std::string repository, std::vector<github::WorkflowRun> runs);

private:
    Awaitable<std::optional<std::string>> workflow_of(std::string repository,
                                                      std::int64_t workflow_id);

    store::Store& store_;
    github::GitHub& github_;
    const CatchUpMemory& memory_;
    RequestBudget& budget_;
    Intake& intake_;
    const bool& stopping_;
    std::map<std::pair<std::string, std::int64_t>, std::string> workflows_;  // their JSON
};

}  // namespace runs_agent::webhooks
