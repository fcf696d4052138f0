// SPDX-License-Identifier: MIT
// The policy file: YAML, strictly read. Unknown keys, wrong types and unknown ${{ }} names are
// errors that point at their line and column.
#pragma once

#include "base/error.hpp"
#include "decide/policy.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace runs_agent::config {

/// What the environment says; it takes the place of what the file's `defaults` say. Rules keep what
/// they say themselves: they speak of certain repositories, the environment of all.
struct PolicyOverrides {
    std::optional<std::vector<std::string>> project_ids;
    std::optional<decide::BuildIdTemplate> ci_build_id;
};

/// Reads a policy. `name` is how errors call the file ("policy.yml:7:3: …"). All mistakes of the
/// file are reported in one Error of Errc::bad_input, a line each.
Result<decide::Policy> parse_policy(std::string_view yaml, const std::string& name,
                                    const PolicyOverrides& overrides);

}  // namespace runs_agent::config
