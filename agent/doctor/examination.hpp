// SPDX-License-Identifier: MIT
// `runs-agent doctor`: looks from the outside in at an installation, whether its daemon runs or
// not.
#pragma once

#include "base/awaitable.hpp"
#include "config/configuration.hpp"
#include "config/environment.hpp"
#include "doctor/finding.hpp"

#include <optional>
#include <string>

namespace runs_agent::agent {

struct Question {
    std::string url;                      // the public address; empty: as set, or as GitHub says
    std::string repository;               // that is asked about; may be empty
    std::optional<doctor::Finding> rule;  // that applies to it
};

/// Looks at all of it, in the order of the checks. `reading` may hold mistakes. Blocks for a moment
/// where a database is opened.
Awaitable<doctor::Findings> examine(config::Environment environment, config::Reading reading,
                                    Question question);

}  // namespace runs_agent::agent
