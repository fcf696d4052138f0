// SPDX-License-Identifier: MIT
// What came of a round of catching up.
#pragma once

#include "base/time.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace runs_agent::webhooks {

struct CatchUpOutcome {
    int hooks = 0;     // that were looked at, by their logs or their repositories' runs
    int found = 0;     // what had been missed
    int accepted = 0;  // of that, what is stored now
    int lost = 0;      // of that, what can be had no more
    std::vector<std::chrono::milliseconds> ages;  // of what was stored, since it happened
    bool failed = false;     // something went wrong, and is left for a later round
    bool cut_short = false;  // not all was asked for: the next round goes on
    /// Until then all that there was has been seen, in this round or in those before it; absent:
    /// something was not seen to its end yet.
    std::optional<Time> seen_until;
    /// What went wrong: words by what stays the same of them. The first 50.
    std::map<std::string, std::string> errors;
    std::chrono::milliseconds pause{0};  // until the next round

    bool whole() const { return !failed && !cut_short; }
};

}  // namespace runs_agent::webhooks
