// SPDX-License-Identifier: MIT
// The half of a round that reads the hooks' logs, and has what they show to be missed. Where a log
// may not be read, or does not reach back far enough, the runs of its repositories are to be looked
// at (repository_looks.hpp).
#pragma once

#include "base/awaitable.hpp"
#include "base/time.hpp"
#include "github/github.hpp"
#include "store/store.hpp"
#include "webhooks/catching_up/intake.hpp"
#include "webhooks/catching_up/log_reading.hpp"
#include "webhooks/catching_up/memory.hpp"
#include "webhooks/catching_up/request_budget.hpp"
#include "webhooks/catching_up/run_telling.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace runs_agent::webhooks {

class HookLooks {
public:
    /// All must live as long.
    HookLooks(store::Store& store, github::GitHub& github, CatchUpMemory& memory,
              RequestBudget& budget, Intake& intake, RunTelling& telling, Time started)
        : store_(store),
          github_(github),
          memory_(memory),
          budget_(budget),
          intake_(intake),
          telling_(telling),
          started_(started) {}

    /// Looks at each hook that was heard of, the one that was asked for the longest ago first.
    Awaitable<void> look();

    /// The names of the looks at them; absent: not known.
    const std::optional<std::set<std::string>>& hooks() const { return hooks_; }
    /// The repositories that are to be looked at, with the last look at the hook.
    const std::map<std::string, std::optional<Time>>& fallen_back() const { return fallen_back_; }
    /// The looks that have seen all, and when, once that of the repositories has.
    const std::vector<std::pair<std::string, Time>>& looked_with_repositories() const {
        return looked_with_repositories_;
    }

private:
    /// A delivery that was sent later than those that follow is missing.
    enum class Gap { none, for_now, for_good };

    Awaitable<void> look_at(store::HeardHook hook);
    Awaitable<Verdict> read_log(github::Hook hook, LogReading& reading);
    Awaitable<bool> fetch_all(store::HeardHook hook, github::Hook source,
                              std::vector<MissedDelivery> missed);
    Awaitable<Recovery> fetch(store::HeardHook hook, github::Hook source, MissedDelivery missed,
                              Gap gap);
    Awaitable<Recovery> store_newer_attempt(store::NewDelivery older, Gap gap);
    Awaitable<void> fall_back(store::HeardHook hook, std::optional<Time> last_look);

    store::Store& store_;
    github::GitHub& github_;
    CatchUpMemory& memory_;
    RequestBudget& budget_;
    Intake& intake_;
    RunTelling& telling_;
    Time started_;
    std::optional<std::set<std::string>> hooks_;
    std::map<std::string, std::optional<Time>> fallen_back_;
    std::vector<std::pair<std::string, Time>> looked_with_repositories_;
};

}  // namespace runs_agent::webhooks
