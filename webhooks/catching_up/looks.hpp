// SPDX-License-Identifier: MIT
// What a round of catching up looks at, by which name that is remembered, and how far back.
#pragma once

#include "base/time.hpp"
#include "github/github.hpp"
#include "store/store.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace runs_agent::webhooks {

/// A hook, repository or run that was not heard of for so long is looked at no more.
constexpr std::chrono::hours heard_within{30 * 24};

/// How to ask for a hook's log; absent where GitHub has none for its kind, or its owner is unknown.
std::optional<github::Hook> hook_of(const store::HeardHook& hook);

/// What a look is remembered by.
std::string look_at_hook(const std::string& host, const store::HeardHook& hook);
std::string look_at_runs(const std::string& host, const std::string& repository);

/// Where a hook's log need not be read on: before that, the last look saw all (with some minutes
/// for what was under way, and for clocks that differ), and GitHub keeps no more than three days.
Time oldest_delivery(std::optional<Time> last_look, Time now);
/// The oldest run that may have begun an attempt since then: a day's re-runs are mostly of runs of
/// the days before.
Time oldest_run(std::optional<Time> last_look, Time now);
/// Is the log too short to tell of everything since the last look?
bool is_past_the_log(std::optional<Time> last_look, Time now);

}  // namespace runs_agent::webhooks
