// SPDX-License-Identifier: MIT
#include "agent/commands/config_applies.hpp"

#include "base/time_text.hpp"
#include "decide/glob.hpp"
#include "decide/superseded.hpp"

namespace runs_agent::agent {

namespace {

std::string joined(const std::vector<std::string>& items, const std::string& between = ", ") {
    std::string text;
    for (const std::string& item : items) text += (text.empty() ? "" : between) + item;
    return text;
}

/// May the rule hold for these runs? `where` gets what only a run can tell.
bool may_hold(const decide::PolicyRule& rule, const RunsOf& runs, std::vector<std::string>& where) {
    if (rule.repository && !decide::glob_matches_name(*rule.repository, runs.repository))
        return false;
    if (!rule.workflow.empty() && !decide::any_glob_matches(rule.workflow, runs.workflow_name) &&
        !decide::any_glob_matches(rule.workflow, runs.workflow_path)) {
        // Either of the two is enough for a rule, so one that was not given may still fit.
        if (!runs.workflow_name.empty() && !runs.workflow_path.empty()) return false;
        const bool neither = runs.workflow_name.empty() && runs.workflow_path.empty();
        where.push_back(std::string("the workflow's ") +
                        (neither                      ? "name or path"
                         : runs.workflow_name.empty() ? "name"
                                                      : "path") +
                        " matches " + joined(rule.workflow, " or "));
    }
    if (rule.branch.empty()) return true;
    if (!runs.branch) where.push_back("the branch matches " + joined(rule.branch, " or "));
    return !runs.branch || decide::any_glob_matches(rule.branch, *runs.branch);
}

std::string superseded_words(const decide::Settings& settings, const RunsOf& runs) {
    if (!settings.superseded) return "nothing (superseded.enabled is off)";
    decide::WorkflowRun run;
    run.repository = run.head_repository = runs.repository;
    run.default_branch = runs.default_branch;
    run.event = "push";
    run.head_branch = runs.branch.value_or("");
    const std::string alone = runs.branch ? decide::why_left_alone(run, settings) : "";
    if (!alone.empty()) return "nothing for a push: " + alone;
    std::string text = "older runs of the branch are cancelled (R4)";
    if (settings.cancel_workflow)
        text += ", their workflow runs on GitHub, too" +
                (settings.force_after ? ", and after " + to_words(*settings.force_after) +
                                            " by force, without their always() steps"
                                      : " (never by force)");
    if (runs.branch) return text;
    text += "; left alone are the default branch, merge queues and tags";
    if (!settings.protect.empty()) text += ", and " + joined(settings.protect);
    if (!settings.include.empty()) text += "; but not " + joined(settings.include);
    return text;
}

std::string reset_words(const decide::Settings& settings) {
    switch (settings.reset) {
        case decide::Reset::never:
            return "";
        case decide::Reset::always:
            return "what the attempt before recorded is reset (R3)";
        case decide::Reset::automatic:
            break;
    }
    return settings.ci_build_id.shared_by_attempts()
               ? "all attempts record into one run, which is reset (R3)"
               : "";
}

std::string rerun_words(const decide::Settings& settings) {
    if (const std::string reset = reset_words(settings); !reset.empty()) return reset;
    return settings.cancel_previous ? "what the attempt before left in progress is cancelled (R3)"
                                    : "nothing (rerun.cancel_previous is off)";
}

}  // namespace

std::vector<Applies> what_applies(const decide::Policy& policy, const RunsOf& runs) {
    std::vector<Applies> found;
    for (std::size_t i = 0; i < policy.rules.size(); ++i) {
        Applies one{i, {}, &policy.rules[i].settings};
        if (!may_hold(policy.rules[i], runs, one.where)) continue;
        found.push_back(std::move(one));
        if (found.back().where.empty()) return found;
    }
    found.push_back({std::nullopt, {}, &policy.defaults});
    return found;
}

std::vector<std::string> in_words(const decide::Settings& settings, const RunsOf& runs) {
    if (settings.ignore) return {"nothing is done about these runs (ignore)"};
    std::vector<std::string> lines;
    lines.push_back("projects: " + (settings.project_ids.empty() ? "every one that the API key sees"
                                                                 : joined(settings.project_ids)));
    lines.push_back("CI build id: " + settings.ci_build_id.text());
    lines.push_back("cancelled: " +
                    (settings.cancel_on.empty()
                         ? "nothing (cancel_on is empty)"
                         : "what an attempt recorded that ends as " +
                               joined(settings.cancel_on, " or ") + " is cancelled (R1)"));
    lines.push_back("run again: " + rerun_words(settings));
    lines.push_back("superseded: " + superseded_words(settings, runs));
    lines.push_back("orphans: " +
                    (settings.sweep_orphans
                         ? "what is still in progress " + to_words(settings.sweep_after) +
                               " after its attempt ended is cancelled (R2)"
                         : "nothing (sweep_orphans.enabled is off)"));
    std::string dead = "dead runners: what the machine " + settings.machine_id +
                       " left unfinished is run by others, where workflow_job events come (R6)";
    if (!settings.jobs.empty()) dead += ", for the jobs " + joined(settings.jobs);
    lines.push_back(std::move(dead));
    return lines;
}

std::string name_of(const Applies& one, const decide::Policy& policy, const std::string& file) {
    if (!one.rule) return file.empty() ? "the built-in settings" : "the defaults";
    const int line = policy.rules[*one.rule].line;
    return "rule " + std::to_string(*one.rule + 1) + " (" + file + ":" + std::to_string(line) + ")";
}

}  // namespace runs_agent::agent
