// SPDX-License-Identifier: MIT
#include "config/policy_text.hpp"

#include "observe/printable.hpp"

#include <yaml-cpp/yaml.h>

namespace runs_agent::config {

namespace {

std::string duration(std::chrono::milliseconds length) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(length).count();
    if (seconds % 3600 == 0) return std::to_string(seconds / 3600) + "h";
    if (seconds % 60 == 0) return std::to_string(seconds / 60) + "m";
    return std::to_string(seconds) + "s";
}

const char* name_of(decide::Reset reset) {
    switch (reset) {
        case decide::Reset::automatic:
            return "auto";
        case decide::Reset::always:
            return "always";
        case decide::Reset::never:
            return "never";
    }
    return "auto";
}

/// In quotes where it will be printed with escapes, which plain YAML has none of.
void value(YAML::Emitter& out, const std::string& text) {
    if (printable_json(text) != text) out << YAML::DoubleQuoted;
    out << text;
}

void list(YAML::Emitter& out, const char* key, const std::vector<std::string>& values) {
    out << YAML::Key << key << YAML::Value << YAML::Flow << YAML::BeginSeq;
    for (const std::string& each : values) value(out, each);
    out << YAML::EndSeq;
}

void write(YAML::Emitter& out, const decide::Settings& settings, const decide::Settings& defaults) {
    // A rule's empty list takes the defaults' projects away, so it is told then.
    if (!settings.project_ids.empty() || !defaults.project_ids.empty())
        list(out, "project_id", settings.project_ids);
    out << YAML::Key << "ci_build_id" << YAML::Value;
    value(out, settings.ci_build_id.text());
    list(out, "cancel_on", settings.cancel_on);
    out << YAML::Key << "rerun" << YAML::Value << YAML::Flow << YAML::BeginMap;
    out << YAML::Key << "cancel_previous" << YAML::Value << settings.cancel_previous;
    out << YAML::Key << "reset" << YAML::Value << name_of(settings.reset) << YAML::EndMap;
    out << YAML::Key << "superseded" << YAML::Value << YAML::Flow << YAML::BeginMap;
    out << YAML::Key << "enabled" << YAML::Value << settings.superseded;
    out << YAML::Key << "cancel_workflow" << YAML::Value << settings.cancel_workflow;
    out << YAML::Key << "force_after" << YAML::Value
        << (settings.force_after ? duration(*settings.force_after) : "never");
    list(out, "protect", settings.protect);
    list(out, "include", settings.include);
    out << YAML::EndMap;
    out << YAML::Key << "sweep_orphans" << YAML::Value << YAML::Flow << YAML::BeginMap;
    out << YAML::Key << "enabled" << YAML::Value << settings.sweep_orphans;
    out << YAML::Key << "after" << YAML::Value << duration(settings.sweep_after) << YAML::EndMap;
    out << YAML::Key << "machine_id" << YAML::Value;
    value(out, settings.machine_id);
    if (!settings.jobs.empty()) list(out, "jobs", settings.jobs);
}

}  // namespace

std::string to_yaml(const decide::Policy& policy) {
    YAML::Emitter out;
    out << YAML::BeginMap << YAML::Key << "defaults" << YAML::Value << YAML::BeginMap;
    write(out, policy.defaults, policy.defaults);
    out << YAML::EndMap;
    if (!policy.rules.empty()) {
        out << YAML::Key << "rules" << YAML::Value << YAML::BeginSeq;
        for (const decide::PolicyRule& rule : policy.rules) {
            out << YAML::BeginMap;
            if (rule.repository) {
                out << YAML::Key << "repository" << YAML::Value;
                value(out, *rule.repository);
            }
            if (!rule.workflow.empty()) list(out, "workflow", rule.workflow);
            if (!rule.branch.empty()) list(out, "branch", rule.branch);
            if (rule.settings.ignore) {
                out << YAML::Key << "ignore" << YAML::Value << true;
            } else {
                write(out, rule.settings, policy.defaults);
            }
            out << YAML::EndMap;
        }
        out << YAML::EndSeq;
    }
    out << YAML::EndMap;
    return std::string(out.c_str()) + "\n";
}

}  // namespace runs_agent::config
