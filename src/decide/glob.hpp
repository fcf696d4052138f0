// SPDX-License-Identifier: MIT
// Globs as the policy uses them, over owner/name, workflow names and paths, and branches.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace runs_agent::decide {

/// Does the whole text match? `*` stands for any characters, `?` for one (of UTF-8); both also for
/// '/'. Every other character, also '[', stands for itself, and case counts. Time is at most
/// proportional to the product of the two lengths.
bool glob_matches(std::string_view glob, std::string_view text);

/// The same, with "A" to "Z" as "a" to "z": as GitHub compares owners and repositories.
bool glob_matches_name(std::string_view glob, std::string_view text);

/// Does one of them?
bool any_glob_matches(const std::vector<std::string>& globs, std::string_view text);

}  // namespace runs_agent::decide
