// SPDX-License-Identifier: MIT
#include "decide/policy.hpp"

#include "decide/glob.hpp"

#include <algorithm>

namespace runs_agent::decide {

namespace {

/// Can it fit a workflow's name? What is written like a file's fits its path alone.
bool asks_for_name(std::string_view glob) {
    return !glob.ends_with(".yml") && !glob.ends_with(".yaml");
}

}  // namespace

Policy::Match Policy::match(std::string_view repository, std::string_view workflow_name,
                            std::string_view workflow_path, std::string_view branch) const {
    bool unclear = false;
    for (std::size_t i = 0; i < rules.size(); ++i) {
        const PolicyRule& rule = rules[i];
        if (rule.repository && !glob_matches_name(*rule.repository, repository)) continue;
        if (!rule.branch.empty() && !any_glob_matches(rule.branch, branch)) continue;
        if (!rule.workflow.empty() && !any_glob_matches(rule.workflow, workflow_name) &&
            !any_glob_matches(rule.workflow, workflow_path)) {
            unclear =
                unclear || (workflow_name.empty() &&
                            std::any_of(rule.workflow.begin(), rule.workflow.end(), asks_for_name));
            continue;
        }
        return {&rule.settings, i, unclear};
    }
    return {&defaults, std::nullopt, unclear};
}

Policy::Match Policy::match(const WorkflowRun& run) const {
    return match(run.repository, run.workflow_name, run.workflow_path, run.head_branch);
}

}  // namespace runs_agent::decide
