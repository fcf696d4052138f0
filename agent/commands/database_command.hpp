// SPDX-License-Identifier: MIT
// A command that works on the embedded Runs API's database.
#pragma once

#include "agent/cli/command.hpp"
#include "agent/commands/api_database.hpp"

#include <CLI/CLI.hpp>

#include <memory>
#include <string>

namespace runs_agent::agent {

/// `Options` has the members `json` and `flags`. Where the command is given, `action` runs with the
/// database and the options as they were read; what it returns is the exit code.
template <class Options>
CLI::App* add_database_command(CLI::App& group, Chosen& chosen,
                               const std::shared_ptr<Options>& options, const std::string& name,
                               const std::string& description, const std::string& example,
                               int (*action)(sqlite::Database&, const Options&)) {
    CLI::App* const command = group.add_subcommand(name, description);
    command->footer("Example:\n  runs-agent " + group.get_name() + " " + example);
    command->add_flag("--json", options->json, "Print as JSON");
    command->add_option("--api-database", options->flags.api_database,
                        "The embedded Runs API's sqlite:/path.db (RUNS_AGENT_API_DATABASE)");
    command->callback([&chosen, options, action] {
        chosen = [options, action] {
            return with_api_database(options->flags, [&](sqlite::Database& database) {
                return action(database, *options);
            });
        };
    });
    return command;
}

}  // namespace runs_agent::agent
