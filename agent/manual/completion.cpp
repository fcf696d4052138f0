// SPDX-License-Identifier: MIT
// `runs-agent completion`: what makes shells complete command lines, and the manual page.
#include "agent/cli/command.hpp"
#include "agent/cli/output.hpp"
#include "agent/cli/report.hpp"
#include "agent/manual/manual_page.hpp"
#include "agent/manual/shells.hpp"
#include "agent/version.hpp"

#include <CLI/CLI.hpp>

#include <functional>

namespace runs_agent::agent {

namespace {

using Made = std::function<std::string(const CommandTold&)>;

void add_one(CLI::App& group, const CLI::App& program, Chosen& chosen, const char* name,
             const char* description, Made made) {
    CLI::App* const command = group.add_subcommand(name, description);
    command->callback([&chosen, &program, made = std::move(made)] {
        chosen = [&program, made] {
            standard_output().text(made(read_commands(program)));
            return Exit::done;
        };
    });
}

}  // namespace

void add_completion(CLI::App& program, Chosen& chosen) {
    CLI::App* const group = program.add_subcommand(
        "completion", "Print what makes a shell complete command lines, or the manual page");
    group->require_subcommand(1);
    group->footer(
        "The Debian package brings all of them.\n"
        "Example:\n  runs-agent completion bash "
        ">~/.local/share/bash-completion/completions/runs-agent");
    add_one(*group, program, chosen, "bash", "For bash", bash_completion);
    add_one(*group, program, chosen, "zsh", "For zsh, as _runs-agent in a folder of its fpath",
            zsh_completion);
    add_one(*group, program, chosen, "fish", "For fish", fish_completion);
    add_one(*group, program, chosen, "man", "The manual page, for man",
            [](const CommandTold& told) { return manual_page(told, version); });
}

}  // namespace runs_agent::agent
