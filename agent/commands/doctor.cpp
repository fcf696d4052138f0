// SPDX-License-Identifier: MIT
// `runs-agent doctor`: is an installation well, and if not, what mends it?
#include "agent/cli/command.hpp"
#include "agent/cli/output.hpp"
#include "agent/cli/report.hpp"
#include "agent/cli/run_to_end.hpp"
#include "agent/commands/config_applies.hpp"
#include "agent/doctor/examination.hpp"
#include "agent/version.hpp"
#include "base/clock.hpp"
#include "config/configuration.hpp"
#include "config/service.hpp"
#include "doctor/finding.hpp"
#include "doctor/here.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/awaitable.hpp>

#include <algorithm>
#include <memory>

namespace runs_agent::agent {

namespace asio = boost::asio;
using doctor::Check;
using doctor::Finding;
using doctor::Verdict;

namespace {

struct Options {
    config::Flags flags;
    Question question;
    bool json = false;
};

/// Of all runs of the repository; what only a run can tell is said.
Finding rule_of(const std::string& repository, const config::Configuration& configuration) {
    RunsOf runs;
    runs.repository = repository;
    const auto all = what_applies(configuration.policy, runs);
    doctor::RuleSeen seen;
    seen.repository = repository;
    seen.ignored =
        std::ranges::all_of(all, [](const Applies& one) { return one.settings->ignore; });
    for (const Applies& one : all) {
        seen.rule += (seen.rule.empty() ? "" : ", else ") +
                     name_of(one, configuration.policy, configuration.policy_file);
        for (std::size_t i = 0; i < one.where.size(); ++i)
            seen.rule += (i == 0 ? " where " : " and ") + one.where[i];
    }
    if (all.size() == 1) seen.does = in_words(*all.front().settings, runs);
    return doctor::judge_rule(seen);
}

/// 2 where the settings or the policy are wrong: nothing else can be well then.
int exit_code(const doctor::Findings& findings) {
    const auto wrong = [](const Finding& one) { return one.verdict == Verdict::wrong; };
    if (std::ranges::none_of(findings, wrong)) return Exit::done;
    const bool configuration = std::ranges::any_of(findings, [&](const Finding& one) {
        return wrong(one) && (one.check == Check::settings || one.check == Check::policy);
    });
    return configuration ? Exit::usage : Exit::failed;
}

asio::awaitable<int> look(config::Environment environment, config::Reading reading,
                          Question question, bool json) {
    const auto findings =
        co_await examine(std::move(environment), std::move(reading), std::move(question));
    if (json)
        standard_output().data(doctor::to_json(findings, SystemClock().now(), version));
    else
        standard_output().text(doctor::to_text(findings));
    co_return exit_code(findings);
}

bool is_repository(const std::string& text) {
    const auto slash = text.find('/');
    return slash != std::string::npos && slash > 0 && slash + 1 < text.size() &&
           text.find('/', slash + 1) == std::string::npos;
}

int examine_all(const Options& options) {
    if (const std::string& of = options.question.repository; !of.empty() && !is_repository(of))
        return report_usage("--repository is \"" + of + "\"; give OWNER/NAME, as in octo/shop");
    auto environment = config::environment_of_command();
    auto reading = config::read(environment, options.flags);
    Question question = options.question;
    if (!question.repository.empty())
        question.rule = rule_of(question.repository, reading.configuration);
    return run_to_end([&] { return look(environment, reading, question, options.json); });
}

}  // namespace

void add_doctor(CLI::App& program, Chosen& chosen) {
    CLI::App* const command = program.add_subcommand(
        "doctor", "Look at a whole installation, and tell what is wrong and what mends it");
    command->footer(
        "It looks at the settings, the service, the daemon, the way from outside, GitHub, the Runs "
        "API\nand the database, changes nothing, and needs no daemon. Exits 0 where nothing is "
        "wrong, 1 where\nsomething is, 2 where the settings or the policy are. Beside a service, "
        "run it as root.\n"
        "Example:\n  runs-agent doctor --url https://agent.example.com/webhooks/github");
    const auto options = std::make_shared<Options>();
    command
        ->add_option("--url", options->question.url,
                     "The address that GitHub posts to (RUNS_AGENT_PUBLIC_URL)")
        ->type_name("URL");
    command
        ->add_option("--repository", options->question.repository,
                     "Also of this one: its rule, its webhook")
        ->type_name("OWNER/NAME");
    command
        ->add_option("--config", options->flags.config_file, "The policy file (RUNS_AGENT_CONFIG)")
        ->type_name("FILE");
    command->add_option("--listen", options->flags.listen,
                        "Where the daemon receives webhooks (RUNS_AGENT_LISTEN)");
    command->add_option("--database", options->flags.database,
                        "The daemon's database (RUNS_AGENT_DATABASE)");
    command->add_flag("--json", options->json, "Print as JSON");
    command->callback([&chosen, options] { chosen = [options] { return examine_all(*options); }; });
}

}  // namespace runs_agent::agent
