// SPDX-License-Identifier: MIT
// What the state of a workflow run says that no event has told.
#pragma once

#include "github/github.hpp"
#include "store/store.hpp"

#include <vector>

namespace runs_agent::webhooks {

/// Does this run's state say more than what events told of it?
bool is_news(const github::WorkflowRun& run, const std::vector<store::HeardAttempt>& heard);

/// The older attempts of a run whose end no event told of, the first one first: the last ten of
/// them at most.
std::vector<int> unheard_attempts(const github::WorkflowRun& newest,
                                  const std::vector<store::HeardAttempt>& heard);

}  // namespace runs_agent::webhooks
