// SPDX-License-Identifier: MIT
// `runs-agent projects …`: the projects of the embedded Runs API, in its database.
#include "runs_server/setup/projects.hpp"

#include "agent/cli/output.hpp"
#include "agent/cli/report.hpp"
#include "agent/commands/database_command.hpp"
#include "base/time_text.hpp"
#include "observe/printable.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace runs_agent::agent {

using runs_server::Project;
using sqlite::Database;

namespace {

// As the service has it: docs/embedded-runs-api.md.
constexpr std::int64_t shortest = 180;
constexpr std::int64_t longest = 43'200;

struct Options {
    config::Flags flags;
    bool json = false;
    std::string id;
    std::optional<std::string> name;
    std::optional<std::int64_t> inactivity_timeout;  // seconds
    std::optional<std::string> default_branch;
    std::optional<std::int64_t> fail_fast;  // failed tests
};

void print_json(const Project& project) {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
    json.StartObject();
    json.Key("projectId");
    json.String(project.id);
    json.Key("name");
    json.String(project.name);
    json.Key("createdAt");
    json.String(to_iso8601(project.created_at));
    json.Key("inactivityTimeoutSeconds");
    json.Int64(project.inactivity / std::chrono::seconds(1));
    json.Key("failFast");
    if (project.fail_fast > 0) {
        json.Int64(project.fail_fast);
    } else {
        json.Null();
    }
    json.Key("defaultBranchName");
    if (project.default_branch) {
        json.String(*project.default_branch);
    } else {
        json.Null();
    }
    json.EndObject();
    standard_output().data(buffer.GetString());
}

void print(const Project& project, const Options& options) {
    if (options.json) return print_json(project);
    standard_output().text(
        printable(project.id) + "  " + printable(project.name) + "  runs time out after " +
        to_words(project.inactivity) + " without a report" +
        (project.fail_fast > 0
             ? "  " + std::to_string(project.fail_fast) + " failed tests cancel a run"
             : "") +
        (project.default_branch ? "  default branch " + printable(*project.default_branch) : "") +
        "\n");
}

int list(Database& database, const Options& options) {
    for (const Project& project : runs_server::all_projects(database)) print(project, options);
    return Exit::done;
}

int set(Database& database, const Options& options) {
    runs_server::ProjectChange change{options.name, std::nullopt, options.default_branch,
                                      options.fail_fast};
    if (options.inactivity_timeout)
        change.inactivity = std::chrono::seconds(*options.inactivity_timeout);
    runs_server::ensure_project(database, options.id, SystemClock().now());
    runs_server::change_project(database, options.id, change);
    for (const Project& project : runs_server::all_projects(database))
        if (project.id == options.id) print(project, options);
    return Exit::done;
}

}  // namespace

void add_projects(CLI::App& program, Chosen& chosen) {
    CLI::App* const projects =
        program.add_subcommand("projects", "Projects of the embedded Runs API");
    projects->require_subcommand(1);
    projects->footer("Example:\n  runs-agent projects list");
    const auto options = std::make_shared<Options>();
    add_database_command(*projects, chosen, options, "list", "List the projects", "list --json",
                         list);
    CLI::App* const setter =
        add_database_command(*projects, chosen, options, "set", "Make a project, or change one",
                             "set shop --name 'The shop' --inactivity-timeout 600", set);
    setter->add_option("ID", options->id, "The project's id")->required();
    setter->add_option("--name", options->name, "Its name, for people");
    setter
        ->add_option("--inactivity-timeout", options->inactivity_timeout,
                     "Seconds without a report after which a run ends as TIMEOUT")
        ->check(CLI::Range(shortest, longest));
    setter->add_option("--default-branch", options->default_branch, "Its default branch");
    setter
        ->add_option(
            "--fail-fast", options->fail_fast,
            "Failed tests that cancel a run, unless its reporter says otherwise; 0: none do")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{1'000'000}));
}

}  // namespace runs_agent::agent
