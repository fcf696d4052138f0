// SPDX-License-Identifier: MIT
// Which command? Everything else is in commands/.
#include "agent/cli/command.hpp"
#include "agent/cli/output.hpp"
#include "agent/cli/private_process.hpp"
#include "agent/cli/report.hpp"
#include "agent/version.hpp"
#include "net/self_contained.hpp"

#include <CLI/CLI.hpp>

#include <csignal>
#include <sstream>

namespace {

using namespace runs_agent::agent;

void describe(CLI::App& program) {
    program.description(
        "runs-agent ends the recorded test runs that cancelled GitHub workflows leave behind.\n"
        "It receives workflow_run webhooks and tells the Runs API what became of each run.");
    program.footer(
        "Example:\n  runs-agent serve --embedded\n\n"
        "Exit codes: 0 done, 1 the operation failed, 2 wrong usage or configuration, 3 not found.\n"
        "`runs-agent COMMAND --help` has more on each command, with an example.");
    program.set_version_flag("--version", std::string("runs-agent ") + runs_agent::version);
    program.require_subcommand(1);
}

/// Help or the version, which the command line asked for.
int show(const CLI::App& program, const CLI::Success& asked_for) {
    std::ostringstream text;
    const int code = program.exit(asked_for, text, text);
    standard_output().text(text.str());
    return code;
}

}  // namespace

int main(int argc, char** argv) {
    harden_process();
    // A peer that closes its connection early must not end the program; writes report it anyway.
    std::signal(SIGPIPE, SIG_IGN);
    runs_agent::net::forbid_shared_libraries();

    CLI::App program("", "runs-agent");
    describe(program);
    Chosen chosen;
    add_serve(program, chosen);
    add_api(program, chosen);
    add_action(program, chosen);
    add_runs(program, chosen);
    add_deliveries(program, chosen);
    add_explain(program, chosen);
    add_backup(program, chosen);
    add_completion(program, chosen);
    add_doctor(program, chosen);
    add_health(program, chosen);
    add_keys(program, chosen);
    add_projects(program, chosen);
    add_store(program, chosen);
    add_send(program, chosen);
    add_setup(program, chosen);
    add_config(program, chosen);
    add_version(program, chosen);
    try {
        program.parse(argc, argv);
    } catch (const CLI::Success& asked_for_help) {
        return show(program, asked_for_help);
    } catch (const CLI::ParseError& wrong) {
        return report_usage(std::string(wrong.what()) + "; see runs-agent --help");
    }
    try {
        return chosen();
    } catch (const std::exception& bug) {
        return report(runs_agent::fail(
            runs_agent::Errc::io,
            std::string("unexpected: ") + bug.what() + "; this is a bug, please report it"));
    }
}
