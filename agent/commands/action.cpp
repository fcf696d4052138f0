// SPDX-License-Identifier: MIT
// `runs-agent action`: one step of a GitHub workflow.
#include "agent/action/step.hpp"
#include "agent/cli/command.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace runs_agent::agent {

void add_action(CLI::App& program, Chosen& chosen) {
    CLI::App* const command = program.add_subcommand(
        "action",
        "One step of a GitHub workflow: cancel, reset or find the run it recorded, or "
        "cancel what it supersedes");
    command->footer(
        "Inputs come as INPUT_ variables and from the job's environment: docs/action.md.\n"
        "Example:\n  INPUT_COMMAND=find INPUT_BRANCH=main runs-agent action");
    const auto json = std::make_shared<bool>(false);
    command->add_flag("--json", *json, "Print the outputs as one JSON object");
    command->callback([&chosen, json] { chosen = [json] { return action::run_step(*json); }; });
}

}  // namespace runs_agent::agent
