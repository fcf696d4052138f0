// SPDX-License-Identifier: MIT
#include "decide/policy.hpp"

#include "decide/glob.hpp"
#include "decide/wording.hpp"

#include <algorithm>

namespace runs_agent::decide {

namespace {

/// Can it fit a workflow's name? What is written like a file's fits its path alone.
bool asks_for_name(std::string_view glob) {
    return !glob.ends_with(".yml") && !glob.ends_with(".yaml");
}

void add_patterns(std::string& text, const char* what, const std::vector<std::string>& globs) {
    if (globs.empty()) return;
    text += text.empty() ? what : std::string(", ") + what;
    for (std::size_t i = 0; i < globs.size(); ++i) text += (i == 0 ? " " : " or ") + globs[i];
}

/// What a rule asks of a run, as the file has it.
std::string patterns_of(const PolicyRule& rule) {
    std::string text;
    if (rule.repository) text = "repository " + *rule.repository;
    add_patterns(text, "workflow", rule.workflow);
    add_patterns(text, "branch", rule.branch);
    return text.empty() ? "everything" : one_line(text);
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

std::string Policy::in_words(const Match& match) const {
    if (match.unclear)
        return "not to be told: a rule asks for the workflow's name, which is not known";
    if (!match.rule) return file.empty() ? "the built-in settings" : "the defaults (" + file + ")";
    const PolicyRule& rule = rules[*match.rule];
    std::string words = "rule " + std::to_string(*match.rule + 1);
    if (rule.line > 0) words += " (" + file + ":" + std::to_string(rule.line) + ")";
    return words + ": " + patterns_of(rule);
}

}  // namespace runs_agent::decide
