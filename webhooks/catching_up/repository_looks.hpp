// SPDX-License-Identifier: MIT
// The half of a round that asks for the workflow runs of repositories, and tells what became of
// them.
#pragma once

#include "base/awaitable.hpp"
#include "base/time.hpp"
#include "github/github.hpp"
#include "observe/log.hpp"
#include "store/store.hpp"
#include "webhooks/catching_up/intake.hpp"
#include "webhooks/catching_up/memory.hpp"
#include "webhooks/catching_up/request_budget.hpp"
#include "webhooks/catching_up/run_telling.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace runs_agent::webhooks {

class RepositoryLooks {
public:
    /// All must live as long.
    RepositoryLooks(store::Store& store, github::GitHub& github, Log& log, CatchUpMemory& memory,
                    RequestBudget& budget, Intake& intake, RunTelling& telling, Time started)
        : store_(store),
          github_(github),
          log_(log),
          memory_(memory),
          budget_(budget),
          intake_(intake),
          telling_(telling),
          started_(started) {}

    /// Looks at these repositories (HookLooks::fallen_back), the one that was asked for the longest
    /// ago first. True where nothing is left for a later round to have, as far as the hooks' logs
    /// do not hold it.
    Awaitable<bool> look(std::map<std::string, std::optional<Time>> fallen_back);

private:
    using Runs = std::map<std::int64_t, github::WorkflowRun>;
    using OpenAttempts = std::map<std::string, std::vector<store::OpenAttempt>>;

    Awaitable<bool> look_at(std::string repository, std::optional<Time> since,
                            std::vector<store::OpenAttempt> open);
    Awaitable<Verdict> list(github::ListWorkflowRuns query, Runs& runs);
    Awaitable<bool> add_open(std::string repository, std::vector<store::OpenAttempt> open,
                             Runs& runs);
    Awaitable<bool> add_older(std::string repository, const Runs& runs,
                              const std::vector<store::HeardAttempt>& heard,
                              std::vector<github::WorkflowRun>& found);
    Awaitable<bool> store_news(std::string repository, Runs runs);

    store::Store& store_;
    github::GitHub& github_;
    Log& log_;
    CatchUpMemory& memory_;
    RequestBudget& budget_;
    Intake& intake_;
    RunTelling& telling_;
    Time started_;
};

}  // namespace runs_agent::webhooks
