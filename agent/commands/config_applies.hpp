// SPDX-License-Identifier: MIT
// What a policy does about the runs of one repository and workflow, in words and as JSON.
#pragma once

#include "decide/policy.hpp"

#include <optional>
#include <string>
#include <vector>

namespace runs_agent::agent {

/// The runs that are asked about.
struct RunsOf {
    std::string repository;             // owner/name
    std::string workflow_name;          // empty: any
    std::string workflow_path;          // empty: any
    std::optional<std::string> branch;  // absent: any
    std::string default_branch = "main";
};

/// One answer: the settings that hold, where none of those before it does.
struct Applies {
    std::optional<std::size_t> rule;  // into the policy's rules; absent: the defaults
    /// What else must be true of a run, for what was not asked about: "the branch matches a or b".
    std::vector<std::string> where;
    const decide::Settings* settings = nullptr;
};

/// In the order in which they are tried; the last one has no `where`.
std::vector<Applies> what_applies(const decide::Policy& policy, const RunsOf& runs);

/// What the settings do, a line each; `runs` says whose.
std::vector<std::string> in_words(const decide::Settings& settings, const RunsOf& runs);

/// "policy.yml:12, rule 2", "the defaults"
std::string name_of(const Applies& one, const decide::Policy& policy, const std::string& file);

}  // namespace runs_agent::agent
