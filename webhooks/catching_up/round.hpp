// SPDX-License-Identifier: MIT
// One round of catching up: every hook's log, and where that may not be read, the runs of its
// repositories. One request at a time, none after GitHub asked to wait, and a bounded number, so
// that others who use the same token are left their part. Whoever was asked for the longest ago
// comes first, so that no limit ends each round at the same place.
#pragma once

#include "base/awaitable.hpp"
#include "base/clock.hpp"
#include "github/github.hpp"
#include "observe/log.hpp"
#include "store/store.hpp"
#include "webhooks/catching_up/hook_looks.hpp"
#include "webhooks/catching_up/intake.hpp"
#include "webhooks/catching_up/memory.hpp"
#include "webhooks/catching_up/outcome.hpp"
#include "webhooks/catching_up/repository_looks.hpp"
#include "webhooks/catching_up/request_budget.hpp"
#include "webhooks/catching_up/run_telling.hpp"

#include <functional>
#include <optional>

namespace runs_agent::webhooks {

class CatchUpRound {
public:
    /// `on_accepted` is called when something that is to be decided was stored; `stopping` may
    /// become true at any time.
    CatchUpRound(store::Store& store, github::GitHub& github, const Clock& clock, Log& log,
                 const std::function<void()>& on_accepted, CatchUpMemory& memory,
                 const bool& stopping);
    CatchUpRound(const CatchUpRound&) = delete;  // its parts refer to each other
    CatchUpRound& operator=(const CatchUpRound&) = delete;

    Awaitable<CatchUpOutcome> run();

private:
    std::optional<Time> seen_until();

    github::GitHub& github_;
    CatchUpMemory& memory_;
    Time started_;
    RequestBudget budget_;
    Intake intake_;
    RunTelling telling_;
    HookLooks hooks_;
    RepositoryLooks repositories_;
};

}  // namespace runs_agent::webhooks
