// SPDX-License-Identifier: MIT
// `runs-agent deliveries …`: what came in, what was decided, and what came of it. It reads the
// daemon's database beside the daemon, which need not stop for it.
#include "admin/json.hpp"
#include "agent/cli/agent_store.hpp"
#include "agent/cli/command.hpp"
#include "agent/cli/output.hpp"
#include "agent/cli/report.hpp"
#include "agent/cli/run_to_end.hpp"
#include "agent/commands/deliveries_options.hpp"
#include "agent/commands/deliveries_print.hpp"
#include "base/clock.hpp"
#include "config/configuration.hpp"
#include "config/service.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstdlib>
#include <filesystem>
#include <memory>

namespace runs_agent::agent {

namespace asio = boost::asio;

namespace {

struct Options {
    config::Flags flags;
    DeliveriesOptions which;
    int limit = 20;
    std::string before;
    std::string guid;
    std::string reason;
    int at_most = 1'000;
    bool dry_run = false;
    bool json = false;
};

using SharedOptions = std::shared_ptr<Options>;
using Operation = std::function<asio::awaitable<int>(store::Store&)>;

int with_store(const Options& options, const Operation& operation) {
    const auto configuration = config::load(config::environment_of_command(), options.flags,
                                            config::where_databases_are());
    if (configuration.has_error()) return report_mistakes(configuration.error());
    const std::string& path = configuration->database_path;
    const bool is_file = configuration->database_url.empty();
    std::error_code failure;
    const bool there = std::filesystem::exists(path, failure);
    if (is_file && failure == std::errc::permission_denied)
        return report(fail(Errc::store, "the database at " + path +
                                            " is its owner's alone; run this as that user, or as "
                                            "root (sudo runs-agent deliveries list)"));
    if (is_file && !there)
        return report(
            fail(Errc::not_found,
                 "there is no database at " + path +
                     "; the daemon makes it when it first runs (another place is named with "
                     "--database or RUNS_AGENT_DATABASE)"));
    auto opened = open_store(*configuration, StoreUse::visitor);
    if (opened.has_error()) return report(opened.error());
    store::Store& store = **opened;
    return run_to_end([&] { return operation(store); });
}

template <class Found>
void print(const Options& options, std::string (*as_json)(const Found&),
           std::string (*as_text)(const Found&), const Found& found) {
    if (options.json)
        standard_output().data(as_json(found));
    else
        standard_output().text(as_text(found));
}

asio::awaitable<int> list(store::Store& store, const Options& options) {
    const SystemClock clock;
    auto search = options.which.search(clock.now());
    if (search.has_error()) co_return report(search.error());
    search->limit = options.limit;
    search->before = options.before;
    const auto page = co_await store.search(*search);
    if (page.has_error()) co_return report(page.error());
    print(options, admin::to_json_lines, describe_deliveries, page->rows);
    co_return Exit::done;
}

asio::awaitable<int> show(store::Store& store, const Options& options) {
    const auto detail = co_await store.show(options.guid);
    if (detail.has_error()) co_return report(detail.error());
    if (options.json) {
        standard_output().data(admin::to_json(*detail));
        co_return Exit::done;
    }
    const auto acts = co_await store.acts(detail->row.guid, 100);
    if (acts.has_error()) co_return report(acts.error());
    standard_output().text(describe_delivery(*detail) +
                           (acts->empty() ? "" : "\nby hand\n" + describe_acts(*acts)));
    co_return Exit::done;
}

asio::awaitable<int> acts(store::Store& store, const Options& options) {
    const auto found = co_await store.acts("", options.limit);
    if (found.has_error()) co_return report(found.error());
    print(options, admin::to_json, describe_acts, *found);
    co_return Exit::done;
}

/// Who sits at the terminal, as far as is known.
std::string person() {
    for (const char* variable : {"SUDO_USER", "USER", "LOGNAME"})
        if (const char* const name = std::getenv(variable); name != nullptr && *name != '\0')
            return std::string("command line: ") + name;
    return "command line";
}

/// To the one that was named, or to all that the filter fits.
asio::awaitable<int> act(store::Store& store, const Options& options, store::HandAct what) {
    if (options.guid.empty() == options.which.is_empty())
        co_return report_usage(options.guid.empty()
                                   ? "which deliveries? Give an id, or say which with --dead, "
                                     "--since, --repository, --filter, …"
                                   : "give an id or a filter, not both");
    const SystemClock clock;
    auto which = options.which.search(clock.now());
    if (which.has_error()) co_return report(which.error());
    which->id = options.guid.empty() ? which->id : options.guid;
    store::ByHand by;
    by.act = what;
    by.actor = person();
    by.reason = options.reason;
    by.filter = options.which.text();
    by.at_most = options.at_most;
    by.dry_run = options.dry_run;
    const auto outcome = co_await store.act(by, *which, clock.now());
    if (outcome.has_error()) co_return report(outcome.error());
    if (options.json) {
        standard_output().data(admin::to_json(*outcome));
    } else {
        standard_output().text(options.guid.empty() ? describe_outcome(by, *outcome)
                                                    : describe_outcome_of_one(by, *outcome));
    }
    co_return Exit::done;
}

asio::awaitable<int> replay(store::Store& store, const Options& options) {
    return act(store, options, store::HandAct::replay);
}

asio::awaitable<int> drop(store::Store& store, const Options& options) {
    return act(store, options, store::HandAct::drop);
}

CLI::App* add(CLI::App& deliveries, const SharedOptions& options, const std::string& name,
              const std::string& description, const std::string& example) {
    CLI::App* const command = deliveries.add_subcommand(name, description);
    command->footer("Example:\n  runs-agent deliveries " + example);
    command->add_flag("--json", options->json, "Print as JSON");
    command->add_option("--database", options->flags.database,
                        "The daemon's database (RUNS_AGENT_DATABASE)");
    return command;
}

void choose(CLI::App& command, Chosen& chosen, const SharedOptions& options,
            asio::awaitable<int> (*operation)(store::Store&, const Options&)) {
    command.callback([&chosen, options, operation] {
        chosen = [options, operation] {
            return with_store(*options, [options, operation](store::Store& store) {
                return operation(store, *options);
            });
        };
    });
}

}  // namespace

void add_deliveries(CLI::App& program, Chosen& chosen) {
    CLI::App* const deliveries =
        program.add_subcommand("deliveries", "What came in, what was decided, what came of it");
    deliveries->require_subcommand(1);
    deliveries->footer("Example:\n  runs-agent deliveries list --dead");
    const auto options = std::make_shared<Options>();

    CLI::App* const lister = add(*deliveries, options, "list", "List deliveries, the newest first",
                                 "list --repository 'octo/*' --since 24h --limit 50");
    lister->add_option("--limit", options->limit, "How many")->check(CLI::Range(1, 100'000));
    lister->add_option("--before", options->before, "Only older than this delivery");
    add_filter_options(*lister, options->which);
    choose(*lister, chosen, options, list);

    CLI::App* const shower =
        add(*deliveries, options, "show",
            "Explain a delivery: what it was, which rule, why, and each call", "show 72d3162e");
    shower->add_option("ID", options->guid, "The delivery's id, or its beginning")->required();
    choose(*shower, chosen, options, show);

    const auto take_which = [&options](CLI::App* command) {
        command->add_option("ID", options->guid, "The delivery's id, or its beginning");
        add_filter_options(*command, options->which);
        command->add_option("--reason", options->reason, "Why, for whoever asks later");
        command->add_option("--at-most", options->at_most, "How many that a filter fits")
            ->check(CLI::Range(1, 10'000));
        command->add_flag("--dry-run", options->dry_run, "Say what would become of it");
    };
    CLI::App* const replayer =
        add(*deliveries, options, "replay",
            "Do calls of deliveries again, of one or of all that a filter fits; one without calls "
            "is decided anew",
            "replay --dead --since 24h --reason 'the key is mended'");
    take_which(replayer);
    choose(*replayer, chosen, options, replay);

    CLI::App* const dropper =
        add(*deliveries, options, "drop",
            "Give calls up by hand, of one delivery or of all that a filter fits: those that wait, "
            "such as held ones, and dead letters",
            "drop 72d3162e --reason 'the repository is gone'");
    take_which(dropper);
    choose(*dropper, chosen, options, drop);

    CLI::App* const teller = add(*deliveries, options, "acts",
                                 "Who replayed and dropped what, when and why", "acts --limit 50");
    teller->add_option("--limit", options->limit, "How many")->check(CLI::Range(1, 100'000));
    choose(*teller, chosen, options, acts);
}

}  // namespace runs_agent::agent
