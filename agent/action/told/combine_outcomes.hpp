// SPDX-License-Identifier: MIT
// One outcome of several: a step that asks several projects, or cancels what several older runs
// recorded, still ends in one way.
#pragma once

#include "agent/action/told/outcome.hpp"

#include <string>
#include <vector>

namespace runs_agent::agent::action {

struct PartOutcome {
    std::string name;  // "project p1"; empty: it needs none
    Outcome outcome;
};

/// Failed where any part failed, since the others do not make up for it; else the best there is.
/// The parts become the summary's rows, and lists of run ids and addresses are separated by commas.
/// There must be one part at least.
Outcome combine_outcomes(const std::vector<PartOutcome>& parts);

}  // namespace runs_agent::agent::action
