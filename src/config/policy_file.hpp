// The policy file: YAML, strictly read. Unknown keys, wrong types and unknown ${{ }} names are errors
// that point at their line and column.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "decide/policy.hpp"

namespace runs_agent::config {

/// Reads a policy. `name` is how errors call the file ("policy.yml:7:3: …"); `base` holds what
/// `defaults` starts from. All mistakes of the file are reported in one Error, a line each.
Result<decide::Policy> parse_policy(std::string_view yaml, std::string_view name,
                                    const decide::Settings& base);

/// The policy as YAML again, everything filled in: what is in force.
std::string to_yaml(const decide::Policy& policy);

}  // namespace runs_agent::config
