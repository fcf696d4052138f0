// SPDX-License-Identifier: MIT
#include "config/policy_file.hpp"

#include "config/yaml_reader.hpp"
#include "decide/job_pattern.hpp"
#include "decide/machine_id.hpp"
#include "decide/suggestion.hpp"

#include <array>

namespace runs_agent::config {

namespace {

using decide::BuildIdTemplate;
using decide::Settings;

constexpr std::array<std::string_view, 2> file_keys{"defaults", "rules"};
constexpr std::array<std::string_view, 8> default_keys{"project_id", "ci_build_id", "cancel_on",
                                                       "rerun",      "superseded",  "sweep_orphans",
                                                       "machine_id", "jobs"};
constexpr std::array<std::string_view, 12> rule_keys{
    "repository", "workflow", "branch",     "ignore",        "project_id", "ci_build_id",
    "cancel_on",  "rerun",    "superseded", "sweep_orphans", "machine_id", "jobs"};
constexpr std::array<std::string_view, 2> rerun_keys{"cancel_previous", "reset"};
constexpr std::array<std::string_view, 5> superseded_keys{"enabled", "cancel_workflow",
                                                          "force_after", "protect", "include"};
constexpr std::array<std::string_view, 2> sweep_keys{"enabled", "after"};

/// Source: docs.github.com, "Webhook events and payloads", workflow_run.conclusion.
constexpr std::array<std::string_view, 8> conclusions{"success",   "failure",        "neutral",
                                                      "cancelled", "skipped",        "timed_out",
                                                      "stale",     "startup_failure"};
constexpr std::array<std::string_view, 3> resets{"auto", "always", "never"};

void read_template(YamlReader& reader, const YAML::Node& node, BuildIdTemplate& value) {
    std::string text;
    reader.read(node, "ci_build_id", text);
    if (text.empty()) return;
    auto parsed = BuildIdTemplate::parse(text);
    if (const auto* wrong = std::get_if<decide::TemplateError>(&parsed)) {
        reader.complain(node, wrong->message, wrong->offset);
    } else {
        value = std::move(std::get<BuildIdTemplate>(parsed));
    }
}

void read_machine_id(YamlReader& reader, const YAML::Node& node, std::string& value) {
    reader.read(node, "machine_id", value);
    if (!node.IsDefined() || !node.IsScalar()) return;
    if (const auto wrong = decide::check_machine_id(node.Scalar()))
        reader.complain(node, wrong->message, wrong->offset);
}

void read_jobs(YamlReader& reader, const YAML::Node& node, Settings& settings) {
    const YAML::Node jobs = node["jobs"];
    reader.read(jobs, "jobs", settings.jobs);
    const auto check = [&reader](const YAML::Node& pattern) {
        if (!pattern.IsScalar()) return;  // complained of already
        if (const auto wrong = decide::check_job_pattern(pattern.Scalar()))
            reader.complain(pattern, wrong->message, wrong->offset);
    };
    if (jobs.IsDefined() && jobs.IsSequence()) {
        for (const auto& pattern : jobs) check(pattern);
    } else if (jobs.IsDefined()) {
        check(jobs);
    }
    // Another job's matrix may hold the same values, so a machine id alone does not tell whose it
    // is.
    const std::string untold = decide::untold_matrix_value(settings.machine_id, settings.jobs);
    if (untold.empty()) return;
    const YAML::Node place = jobs.IsDefined() ? jobs : node["machine_id"];
    if (place.IsDefined())
        reader.complain(place, "machine_id names " + untold +
                                   "; say where the names of the jobs hold it, such as jobs:"
                                   " [\"e2e (${{ " +
                                   untold + " }})\"]");
}

void check_conclusion(YamlReader& reader, const YAML::Node& node) {
    if (!node.IsScalar() || node.Scalar().empty()) return;  // complained of already
    const std::string& name = node.Scalar();
    if (name == "action_required") {
        reader.complain(node,
                        "action_required is no end: the run waits for approval, and goes on after"
                        " that; leave it out");
        return;
    }
    if (std::find(conclusions.begin(), conclusions.end(), name) != conclusions.end()) return;
    const std::string close = decide::did_you_mean(name, conclusions);
    reader.complain(node, "\"" + name + "\" is not a conclusion that GitHub has" +
                              (close.empty() ? "; it has " + listed(conclusions) : close));
}

void read_conclusions(YamlReader& reader, const YAML::Node& node, std::vector<std::string>& value) {
    reader.read(node, "cancel_on", value);
    if (!node.IsDefined()) return;
    if (node.IsScalar()) check_conclusion(reader, node);
    if (node.IsSequence())
        for (const auto& item : node) check_conclusion(reader, item);
}

void read_rerun(YamlReader& reader, const YAML::Node& node, Settings& settings) {
    if (!node.IsDefined() || !reader.check_map(node, "rerun", rerun_keys)) return;
    reader.read(node["cancel_previous"], "rerun.cancel_previous", settings.cancel_previous);
    const YAML::Node reset = node["reset"];
    if (!reset.IsDefined()) return;
    std::string name;
    reader.read(reset, "rerun.reset", name);
    for (std::size_t i = 0; i < resets.size(); ++i)
        if (name == resets[i]) {
            settings.reset = static_cast<decide::Reset>(i);
            return;
        }
    if (!name.empty())
        reader.complain(reset, "rerun.reset must be auto, always or never, but is \"" + name +
                                   "\"" + decide::did_you_mean(name, resets));
}

/// A duration, or `never`.
void read_force_after(YamlReader& reader, const YAML::Node& node, Settings& settings) {
    if (!node.IsDefined()) return;
    if (node.IsScalar() && node.Scalar() == "never") {
        settings.force_after.reset();
        return;
    }
    std::chrono::milliseconds after{};
    reader.read(node, "superseded.force_after", after, ", or never");
    settings.force_after = after;
}

void read_settings(YamlReader& reader, const YAML::Node& node, Settings& settings) {
    reader.read(node["project_id"], "project_id", settings.project_ids);
    read_template(reader, node["ci_build_id"], settings.ci_build_id);
    read_conclusions(reader, node["cancel_on"], settings.cancel_on);
    read_rerun(reader, node["rerun"], settings);
    read_machine_id(reader, node["machine_id"], settings.machine_id);
    read_jobs(reader, node, settings);

    const YAML::Node superseded = node["superseded"];
    if (superseded.IsDefined() && reader.check_map(superseded, "superseded", superseded_keys)) {
        reader.read(superseded["enabled"], "superseded.enabled", settings.superseded);
        reader.read(superseded["cancel_workflow"], "superseded.cancel_workflow",
                    settings.cancel_workflow);
        read_force_after(reader, superseded["force_after"], settings);
        reader.read(superseded["protect"], "superseded.protect", settings.protect);
        reader.read(superseded["include"], "superseded.include", settings.include);
    }
    const YAML::Node sweep = node["sweep_orphans"];
    if (sweep.IsDefined() && reader.check_map(sweep, "sweep_orphans", sweep_keys)) {
        reader.read(sweep["enabled"], "sweep_orphans.enabled", settings.sweep_orphans);
        reader.read(sweep["after"], "sweep_orphans.after", settings.sweep_after);
    }
}

void read_rule(YamlReader& reader, const YAML::Node& node, decide::Policy& policy) {
    if (!reader.check_map(node, "a rule", rule_keys)) return;
    decide::PolicyRule rule;
    rule.settings = policy.defaults;
    rule.line = node.Mark().line + 1;
    const YAML::Node repository = node["repository"];
    if (repository.IsDefined()) {
        std::string glob;
        reader.read(repository, "repository", glob);
        if (!glob.empty() && glob.find_first_of("/*?") == std::string::npos)
            reader.complain(repository, "repository is owner/name, or a glob over it, but is \"" +
                                            glob + "\"; write OWNER/" + glob);
        rule.repository = std::move(glob);
    }
    reader.read(node["workflow"], "workflow", rule.workflow);
    reader.read(node["branch"], "branch", rule.branch);
    reader.read(node["ignore"], "ignore", rule.settings.ignore);
    read_settings(reader, node, rule.settings);
    policy.rules.push_back(std::move(rule));
}

void read_file(YamlReader& reader, const YAML::Node& file, const PolicyOverrides& overrides,
               decide::Policy& policy) {
    if (!file.IsNull() && !reader.check_map(file, "the policy", file_keys)) return;
    const YAML::Node defaults =
        file.IsNull() ? YAML::Node(YAML::NodeType::Undefined) : file["defaults"];
    if (defaults.IsDefined() && !defaults.IsNull() &&
        reader.check_map(defaults, "defaults", default_keys))
        read_settings(reader, defaults, policy.defaults);
    if (overrides.project_ids) policy.defaults.project_ids = *overrides.project_ids;
    if (overrides.ci_build_id) policy.defaults.ci_build_id = *overrides.ci_build_id;

    if (file.IsNull()) return;
    const YAML::Node rules = file["rules"];
    if (!rules.IsDefined() || rules.IsNull()) return;
    if (!rules.IsSequence()) {
        reader.complain(rules, "rules must be a list; begin each rule with a dash");
        return;
    }
    for (const auto& rule : rules) read_rule(reader, rule, policy);
}

}  // namespace

Result<decide::Policy> parse_policy(std::string_view yaml, const std::string& name,
                                    const PolicyOverrides& overrides) {
    YamlReader reader(name);
    decide::Policy policy;
    policy.file = name;
    try {
        const std::vector<YAML::Node> documents = YAML::LoadAll(std::string(yaml));
        if (documents.size() > 1)
            reader.complain(documents[1], "a second YAML document begins here; keep one");
        const YAML::Node nothing;
        read_file(reader, documents.empty() ? nothing : documents[0], overrides, policy);
    } catch (const YAML::Exception& wrong) {
        reader.complain(wrong.mark, "this is not valid YAML: " + wrong.msg);
    }
    std::string all;
    for (const std::string& mistake : reader.mistakes()) {
        if (!all.empty()) all += '\n';
        all += mistake;
    }
    if (!all.empty()) return fail(Errc::bad_input, std::move(all));
    return policy;
}

}  // namespace runs_agent::config
