// SPDX-License-Identifier: MIT
// What is to be done, and said, where no run is recorded under a call's CI build id: there may be
// none, or the reporter may have made a build id of its own. Internal to execute/.
#pragma once

#include "base/awaitable.hpp"
#include "base/time.hpp"
#include "execute/find_recorded.hpp"
#include "execute/performed.hpp"
#include "github/github.hpp"
#include "store/store.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace runs_agent::execute {

/// For a person: that nothing was done, and what to set so that the run is found. `others`: how
/// many runs are in progress under other build ids; `uncertain`: why it is not known whose.
std::string not_recorded(const store::Call& call, std::size_t others,
                         const std::string& uncertain = "");

/// What GitHub says of the call's attempt.
struct AttemptEnd {
    bool certain = false;  // it has ended, and none came after it: nobody reports to its runs
    std::string why_not;
    std::optional<Reply> later;  // GitHub could not be asked just now
    std::string log;
    Time began{};  // of the run, 0: not known
    Time ended{};
};

/// On GitHub's client's executor.
Awaitable<AttemptEnd> look_at_attempt(github::GitHub& github, const store::Call& call);

/// Those that may have been made while the attempt went on; clocks may differ by ten minutes.
std::vector<InProgress> made_during(const AttemptEnd& attempt, std::vector<InProgress> runs);

}  // namespace runs_agent::execute
