// SPDX-License-Identifier: MIT
// The policy as text again.
#pragma once

#include "decide/policy.hpp"

#include <string>

namespace runs_agent::config {

/// As YAML, everything filled in: what is in force.
std::string to_yaml(const decide::Policy& policy);

}  // namespace runs_agent::config
