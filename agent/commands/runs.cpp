// SPDX-License-Identifier: MIT
// `runs-agent runs …`: every operation of the Runs API from a terminal.
#include "agent/cli/client_setup.hpp"
#include "agent/cli/command.hpp"
#include "agent/cli/output.hpp"
#include "agent/cli/report.hpp"
#include "agent/cli/run_to_end.hpp"
#include "agent/commands/runs_operations.hpp"
#include "base/clock.hpp"
#include "config/configuration.hpp"
#include "config/service.hpp"
#include "observe/printable.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

#include <iostream>
#include <memory>
#include <unistd.h>

namespace runs_agent::agent {

namespace asio = boost::asio;

namespace {

/// What the command line said, whichever of the commands it was.
struct Options {
    config::Flags flags;
    Printing printing;
    std::string run_id;
    runs_api::FindRun find;
    runs_api::ListRuns list;
    runs_api::CancelGithubCi cancel_ci;
    runs_api::ResetRun reset;
    bool batched = false;
    bool of_project = false;  // the command asks about a project
    bool yes = false;
};

using SharedOptions = std::shared_ptr<Options>;
using Operation = std::function<asio::awaitable<int>(runs_api::RunsApi&)>;

/// Makes a client as the configuration wants it and lets `operation` use it. The project id that is
/// in force reaches the requests of `options`.
int with_api(Options& options, const Operation& operation) {
    const auto environment = config::environment_of_command();
    const auto configuration =
        config::load(environment, options.flags,
                     {"CURRENTS_API_URL", "CURRENTS_API_KEY", "CURRENTS_PROJECT_ID"});
    if (configuration.has_error()) return report_mistakes(configuration.error());
    const auto key = configuration->api_key();
    if (key.has_error()) return report(key.error());
    if (const auto url = check_api_url(configuration->api_url); url.has_error())
        return report(url.error());
    const auto network = client_options(environment);
    if (network.has_error()) return report_mistakes(network.error());

    const auto projects = config::comma_separated(configuration->project_id);
    if (options.of_project && projects.size() > 1)
        return report_usage(
            "CURRENTS_PROJECT_ID names several projects, and this command asks one: choose it with"
            " --project-id");
    const std::string project = projects.empty() ? "" : projects.front();
    options.find.project_id = project;
    options.list.project_id = project;
    options.cancel_ci.project_id = project;
    const std::function<asio::awaitable<int>()> body = [&]() -> asio::awaitable<int> {
        const auto executor = co_await asio::this_coro::executor;
        SystemClock clock;
        ApiClient client(executor, *network, clock, *configuration);
        co_return co_await operation(client.api());
    };
    return run_to_end(body);
}

/// Asks before something that cannot be undone; what the answer makes of the command.
std::optional<int> confirm_deletion(const Options& options) {
    if (options.yes) return std::nullopt;
    if (::isatty(STDIN_FILENO) == 0)
        return report_usage(
            "deleting a run cannot be undone; add --yes to do it without being "
            "asked");
    standard_error().text("Delete run " + printable(options.run_id) +
                          " and all that belongs to it? This cannot be undone. [y/N] ");
    std::string reply;
    std::getline(std::cin, reply);
    if (reply == "y" || reply == "Y" || reply == "yes") return std::nullopt;
    print_message("nothing was deleted");
    return Exit::failed;
}

/// Adds one command with what all of them take.
CLI::App* add(CLI::App& runs, const SharedOptions& options, const std::string& name,
              const std::string& description, const std::string& example) {
    CLI::App* const command = runs.add_subcommand(name, description);
    command->footer("Example:\n  runs-agent runs " + example);
    command->add_flag("--json", options->printing.json, "Print the service's data as JSON");
    command->add_option("--api-url", options->flags.api_url,
                        "The Runs API's address (CURRENTS_API_URL)");
    return command;
}

void take_run_id(CLI::App& command, const SharedOptions& options) {
    command.add_option("ID", options->run_id, "The run's id")->required();
}

/// Takes one value each time it is given, so that it cannot swallow the run's id.
void take_many(CLI::App& command, const std::string& name, std::vector<std::string>& values,
               const std::string& description, bool required = false) {
    command.add_option(name, values, description)->allow_extra_args(false)->required(required);
}

void take_project_id(CLI::App& command, const SharedOptions& options) {
    command.add_option("--project-id", options->flags.project_id,
                       "The project (CURRENTS_PROJECT_ID)");
    command.parse_complete_callback([options] { options->of_project = true; });
}

void choose(CLI::App& command, Chosen& chosen, const SharedOptions& options, Operation operation) {
    command.callback([&chosen, options, operation = std::move(operation)] {
        chosen = [options, operation] { return with_api(*options, operation); };
    });
}

void add_get(CLI::App& runs, Chosen& chosen, const SharedOptions& options) {
    CLI::App* const command = add(runs, options, "get", "Show a run", "get 6f1c2d9e8b7a");
    take_run_id(*command, options);
    choose(*command, chosen, options, [options](runs_api::RunsApi& api) {
        return runs_get(api, options->run_id, options->printing);
    });
}

void add_find(CLI::App& runs, Chosen& chosen, const SharedOptions& options) {
    CLI::App* const command = add(runs, options, "find",
                                  "Find a run by its CI build id, or the newest by branch and tags",
                                  "find --project-id abc123 --branch main --pw-last-run --output "
                                  "test-results/.last-run.json");
    take_project_id(*command, options);
    command->add_option("--ci-build-id", options->find.ci_build_id,
                        "The run with this CI build id; branch and tags then count no more");
    command->add_option("--branch", options->find.branch, "A branch, or its beginning and a *");
    take_many(*command, "--tag", options->find.tags, "A tag; repeated: all of them");
    command->add_flag("--pw-last-run", options->find.pw_last_run,
                      "Ask for what Playwright keeps in .last-run.json");
    command->add_option("--output", options->printing.output,
                        "Write the data to this file; with --pw-last-run only that part");
    choose(*command, chosen, options, [options](runs_api::RunsApi& api) {
        return runs_find(api, options->find, options->printing);
    });
}

void add_list(CLI::App& runs, Chosen& chosen, const SharedOptions& options) {
    CLI::App* const command = add(runs, options, "list", "List a project's runs, the newest first",
                                  "list --project-id abc123 --completion-state IN_PROGRESS");
    take_project_id(*command, options);
    command->add_option("--limit", options->list.limit, "How many, 1 to 100")
        ->capture_default_str();
    take_many(*command, "--branch", options->list.branches, "A branch; repeated: any of them");
    take_many(*command, "--tag", options->list.tags, "A tag; repeated: all of them");
    take_many(*command, "--status", options->list.statuses, "RUNNING, FAILING, PASSED, FAILED");
    take_many(*command, "--completion-state", options->list.completion_states,
              "IN_PROGRESS, COMPLETE, CANCELED, TIMEOUT");
    command->add_option("--search", options->list.search, "Text to look for, at most 200 letters");
    command->add_option("--starting-after", options->list.starting_after,
                        "The cursor of the last run that was seen");
    choose(*command, chosen, options, [options](runs_api::RunsApi& api) {
        return runs_list(api, options->list, options->printing);
    });
}

void add_cancel(CLI::App& runs, Chosen& chosen, const SharedOptions& options) {
    CLI::App* const command =
        add(runs, options, "cancel", "Cancel a run; this cannot be undone", "cancel 6f1c2d9e8b7a");
    take_run_id(*command, options);
    choose(*command, chosen, options, [options](runs_api::RunsApi& api) {
        return runs_cancel(api, options->run_id, options->printing);
    });
}

void add_cancel_ci(CLI::App& runs, Chosen& chosen, const SharedOptions& options) {
    CLI::App* const command =
        add(runs, options, "cancel-ci", "Cancel the run that a GitHub workflow run recorded",
            "cancel-ci --github-run-id 1658821493 --github-run-attempt 1");
    take_project_id(*command, options);
    command->add_option("--github-run-id", options->cancel_ci.github_run_id, "github.run_id")
        ->required();
    command
        ->add_option("--github-run-attempt", options->cancel_ci.github_run_attempt,
                     "github.run_attempt")
        ->required();
    command->add_option("--ci-build-id", options->cancel_ci.ci_build_id,
                        "Only the run with this CI build id");
    choose(*command, chosen, options, [options](runs_api::RunsApi& api) {
        return runs_cancel_ci(api, options->cancel_ci, options->printing);
    });
}

void add_reset(CLI::App& runs, Chosen& chosen, const SharedOptions& options) {
    CLI::App* const command =
        add(runs, options, "reset", "Let failed and unfinished specs of machines be run again",
            "reset 6f1c2d9e8b7a --machine-id runner-1 --machine-id runner-2");
    take_run_id(*command, options);
    take_many(*command, "--machine-id", options->reset.machine_ids, "A machine; 1 to 63 of them",
              true);
    command->add_flag("--batched", options->batched, "The run was orchestrated in batches");
    choose(*command, chosen, options, [options](runs_api::RunsApi& api) {
        if (options->batched) options->reset.is_batched_or_8n = true;
        return runs_reset(api, options->run_id, options->reset, options->printing);
    });
}

void add_delete(CLI::App& runs, Chosen& chosen, const SharedOptions& options) {
    CLI::App* const command =
        add(runs, options, "delete", "Delete a run and all that belongs to it",
            "delete 6f1c2d9e8b7a --yes");
    take_run_id(*command, options);
    command->add_flag("--yes", options->yes, "Do not ask");
    command->callback([&chosen, options] {
        chosen = [options] {
            if (const auto end = confirm_deletion(*options)) return *end;
            return with_api(*options, [options](runs_api::RunsApi& api) {
                return runs_delete(api, options->run_id, options->printing);
            });
        };
    });
}

}  // namespace

void add_runs(CLI::App& program, Chosen& chosen) {
    CLI::App* const runs =
        program.add_subcommand("runs", "Look at recorded test runs, cancel, reset, delete them");
    runs->require_subcommand(1);
    runs->footer(
        "The key is taken from CURRENTS_API_KEY, or the file of CURRENTS_API_KEY_FILE.\n"
        "Example:\n  runs-agent runs list --project-id abc123");
    const auto options = std::make_shared<Options>();
    for (const auto add_one :
         {add_get, add_find, add_list, add_cancel, add_cancel_ci, add_reset, add_delete})
        add_one(*runs, chosen, options);
}

}  // namespace runs_agent::agent
