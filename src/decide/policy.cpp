#include "decide/policy.hpp"

#include "decide/glob.hpp"

namespace runs_agent::decide {

Policy::Match Policy::match(std::string_view repository, std::string_view workflow_name,
                            std::string_view workflow_path, std::string_view branch) const {
    for (std::size_t i = 0; i < rules.size(); ++i) {
        const PolicyRule& rule = rules[i];
        if (rule.repository && !glob_matches(*rule.repository, repository)) continue;
        if (!rule.workflow.empty() && !any_glob_matches(rule.workflow, workflow_name) &&
            !any_glob_matches(rule.workflow, workflow_path))
            continue;
        if (!rule.branch.empty() && !any_glob_matches(rule.branch, branch)) continue;
        return {&rule.settings, i};
    }
    return {&defaults, std::nullopt};
}

Policy::Match Policy::match(const WorkflowRun& run) const {
    return match(run.repository, run.workflow_name, run.workflow_path, run.head_branch);
}

}  // namespace runs_agent::decide
