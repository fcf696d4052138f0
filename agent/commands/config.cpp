// SPDX-License-Identifier: MIT
// `runs-agent config …`: is the configuration right, and what is in force.
#include "agent/cli/agent_store.hpp"
#include "agent/cli/client_setup.hpp"
#include "agent/cli/command.hpp"
#include "agent/cli/output.hpp"
#include "agent/cli/report.hpp"
#include "agent/commands/config_applies.hpp"
#include "config/configuration.hpp"
#include "config/policy_text.hpp"
#include "config/service.hpp"
#include "config/settings_in_force.hpp"
#include "json/writing.hpp"
#include "observe/printable.hpp"

#include <CLI/CLI.hpp>
#include <yaml-cpp/yaml.h>

#include <memory>
#include <sstream>

namespace runs_agent::agent {

using json::put;

namespace {

struct Options {
    config::Flags flags;
    bool json = false;
    // `check` alone: the runs to tell of; no repository: none
    RunsOf runs;
    std::vector<std::string> workflows;
};

using Json = rapidjson::Writer<rapidjson::StringBuffer>;

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(std::move(line));
    return lines;
}

/// The policy's YAML as JSON. A plain true or false is a boolean there, all else is text.
void write(Json& json, const YAML::Node& node) {
    if (node.IsMap()) {
        json.StartObject();
        for (const auto& entry : node) {
            put(json, entry.first.Scalar());
            write(json, entry.second);
        }
        json.EndObject();
    } else if (node.IsSequence()) {
        json.StartArray();
        for (const auto& item : node) write(json, item);
        json.EndArray();
    } else if (node.Tag() != "!" && (node.Scalar() == "true" || node.Scalar() == "false")) {
        json.Bool(node.Scalar() == "true");
    } else {
        put(json, node.Scalar());
    }
}

std::string in_force_as_json(const config::Configuration& configuration) {
    rapidjson::StringBuffer buffer;
    Json json(buffer);
    json.StartObject();
    json.Key("settings");
    json.StartObject();
    for (const config::Setting& setting : config::settings_in_force(configuration))
        put(json, setting.name, setting.value);
    json.EndObject();
    json.Key("policy");
    write(json, YAML::Load(config::to_yaml(configuration.policy)));
    json.EndObject();
    return std::string(buffer.GetString(), buffer.GetSize()) + "\n";
}

void print_in_force(const config::Configuration& configuration) {
    std::string text;
    for (const config::Setting& setting : config::settings_in_force(configuration))
        text += setting.name + ": " + printable(setting.value) + "\n";
    standard_output().text(text + "\n# The policy\n");
    standard_output().data(config::to_yaml(configuration.policy));
}

/// Settings as the policy file writes them.
YAML::Node yaml_of(const decide::Settings& settings) {
    decide::Policy only;
    only.defaults = settings;
    return YAML::Load(config::to_yaml(only))["defaults"];
}

void write(Json& json, const std::vector<std::string>& texts) {
    json.StartArray();
    for (const std::string& text : texts) put(json, text);
    json.EndArray();
}

void write_applies(Json& json, const decide::Policy& policy, const RunsOf& runs) {
    json.Key("applies");
    json.StartArray();
    for (const Applies& one : what_applies(policy, runs)) {
        json.StartObject();
        json.Key("rule");
        one.rule ? json.Uint64(*one.rule + 1) : json.Null();
        json.Key("line");
        one.rule ? json.Int(policy.rules[*one.rule].line) : json.Null();
        json.Key("where");
        write(json, one.where);
        json.Key("settings");
        write(json, yaml_of(*one.settings));
        json.Key("does");
        write(json, in_words(*one.settings, runs));
        json.EndObject();
    }
    json.EndArray();
}

std::string applies_as_text(const config::Configuration& configuration, const RunsOf& runs) {
    std::string text;
    for (const Applies& one : what_applies(configuration.policy, runs)) {
        text += "\n" + std::string(text.empty() ? "" : "else ") +
                printable(name_of(one, configuration.policy, configuration.policy_file));
        for (std::size_t i = 0; i < one.where.size(); ++i)
            text += (i == 0 ? ", where " : " and ") + printable(one.where[i]);
        text += ":\n";
        for (const std::string& line : in_words(*one.settings, runs))
            text += "  " + printable(line) + "\n";
    }
    return text;
}

std::string checked_as_json(const config::Configuration& configuration,
                            const std::vector<std::string>& mistakes, const RunsOf& runs) {
    rapidjson::StringBuffer buffer;
    Json json(buffer);
    json.StartObject();
    json.Key("ok");
    json.Bool(mistakes.empty());
    json.Key("mistakes");
    write(json, mistakes);
    if (mistakes.empty() && !runs.repository.empty())
        write_applies(json, configuration.policy, runs);
    json.EndObject();
    return std::string(buffer.GetString(), buffer.GetSize()) + "\n";
}

std::string summary(const config::Configuration& configuration) {
    const std::size_t rules = configuration.policy.rules.size();
    std::string text = "OK: ";
    if (configuration.policy_file.empty()) {
        text += "no policy file, the same settings for every run\n";
    } else {
        text += printable(configuration.policy_file) + ", " + std::to_string(rules) +
                (rules == 1 ? " rule\n" : " rules\n");
    }
    if (configuration.webhook_secrets.empty())
        text += "note: GITHUB_WEBHOOK_SECRET is not set; serve needs it\n";
    if (!configuration.api_key_given)
        text += "note: CURRENTS_API_KEY is not set; serve needs it, but with --embedded\n";
    if (configuration.admin_token.empty())
        text += "note: RUNS_AGENT_ADMIN_TOKEN is not set; there is no page and no HTTP API\n";
    if (configuration.service.empty()) return text;
    for (const config::Withheld& one :
         config::withheld_by_unit(config::files_of_unit(configuration.service)))
        text += "note: " + printable(config::in_words(one)) + ", so it would not start with it; " +
                printable(config::cure_of(one)) + "\n";
    return text;
}

struct Checked {
    config::Configuration configuration;
    std::vector<std::string> mistakes;
};

/// Reads the configuration as `serve` does, and goes on after a mistake.
Checked checked(const config::Flags& flags) {
    const auto environment = config::environment_of_command();
    config::Reading reading = config::read(environment, flags);
    std::vector<std::string> mistakes;
    if (reading.error) mistakes = lines_of(reading.error->message);
    const auto network = check_network(reading.configuration, environment);
    if (network.has_error())
        for (std::string& line : lines_of(network.error().message))
            mistakes.push_back(std::move(line));
    if (const auto database = check_database(reading.configuration); database.has_error())
        mistakes.push_back(database.error().message);
    return {std::move(reading.configuration), std::move(mistakes)};
}

int report_all(const std::vector<std::string>& mistakes) {
    for (const std::string& mistake : mistakes) report_usage(mistake);
    return Exit::usage;
}

/// The runs that are asked about; what is wrong with how it was asked goes to `mistakes`.
RunsOf runs_of(const Options& options, std::vector<std::string>& mistakes) {
    RunsOf runs = options.runs;
    const auto slash = runs.repository.find('/');
    const bool is_name = slash != std::string::npos && slash > 0 &&
                         slash + 1 < runs.repository.size() &&
                         runs.repository.find('/', slash + 1) == std::string::npos;
    if (!runs.repository.empty() && !is_name)
        mistakes.push_back("--repository is \"" + runs.repository +
                           "\"; give OWNER/NAME, as in octo/shop");
    if (runs.repository.empty() && (!options.workflows.empty() || runs.branch))
        mistakes.emplace_back("--workflow and --branch need --repository OWNER/NAME beside them");
    for (const std::string& workflow : options.workflows) {
        std::string& kind =
            workflow.starts_with(".github/") ? runs.workflow_path : runs.workflow_name;
        if (!kind.empty())
            mistakes.emplace_back(
                "--workflow names two workflows; give one, by its name, its path "
                "(.github/workflows/…), or both");
        kind = workflow;
    }
    return runs;
}

int check(const Options& options) {
    auto [configuration, mistakes] = checked(options.flags);
    const RunsOf runs = runs_of(options, mistakes);
    if (options.json) {
        standard_output().data(checked_as_json(configuration, mistakes, runs));
    } else if (mistakes.empty()) {
        standard_output().text(summary(configuration));
        if (!runs.repository.empty()) standard_output().text(applies_as_text(configuration, runs));
    } else {
        report_all(mistakes);
    }
    return mistakes.empty() ? Exit::done : Exit::usage;
}

int print(const Options& options) {
    const auto [configuration, mistakes] = checked(options.flags);
    if (!mistakes.empty()) return report_all(mistakes);
    if (options.json)
        standard_output().data(in_force_as_json(configuration));
    else
        print_in_force(configuration);
    return Exit::done;
}

using Body = int (*)(const Options&);

void add_runs(CLI::App& command, Options& options) {
    command.add_option("--repository", options.runs.repository, "Tell what applies to its runs")
        ->type_name("OWNER/NAME");
    command
        .add_option("--workflow", options.workflows,
                    "Of this workflow alone: its name, its path, or both in two options")
        ->type_name("NAME");
    command.add_option("--branch", options.runs.branch, "Of this head branch alone");
    command
        .add_option("--default-branch", options.runs.default_branch,
                    "The repository's default branch (main)")
        ->type_name("NAME");
}

void add_one(CLI::App& config, Chosen& chosen, const char* name, const char* description,
             const char* example, Body body, bool tells_of_runs = false) {
    CLI::App* const command = config.add_subcommand(name, description);
    command->footer(std::string("Example:\n  runs-agent config ") + example);
    const auto options = std::make_shared<Options>();
    command
        ->add_option("--config", options->flags.config_file, "The policy file (RUNS_AGENT_CONFIG)")
        ->type_name("FILE");
    command->add_flag("--json", options->json, "Print as JSON");
    if (tells_of_runs) add_runs(*command, *options);
    command->callback(
        [&chosen, options, body] { chosen = [options, body] { return body(*options); }; });
}

}  // namespace

void add_config(CLI::App& program, Chosen& chosen) {
    CLI::App* const config =
        program.add_subcommand("config", "Check the configuration, or print what is in force");
    config->require_subcommand(1);
    config->footer("Example:\n  runs-agent config check --config policy.yml");
    add_one(*config, chosen, "check", "Tell every mistake of the environment and the policy file",
            "check --config policy.yml --repository octo/shop --workflow e2e", check, true);
    add_one(*config, chosen, "print", "Print what is in force, with secrets hidden",
            "print --config policy.yml --json", print);
}

}  // namespace runs_agent::agent
