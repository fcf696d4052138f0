// SPDX-License-Identifier: MIT
// `runs-agent deliveries …`: what came in, what was decided, and what came of it. It reads the
// daemon's database beside the daemon, which need not stop for it.
#include "agent/cli/agent_store.hpp"
#include "agent/cli/command.hpp"
#include "agent/cli/output.hpp"
#include "agent/cli/report.hpp"
#include "agent/cli/run_to_end.hpp"
#include "agent/commands/deliveries_json.hpp"
#include "agent/commands/deliveries_print.hpp"
#include "base/clock.hpp"
#include "config/configuration.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/awaitable.hpp>

#include <filesystem>
#include <memory>

namespace runs_agent::agent {

namespace asio = boost::asio;

namespace {

struct Options {
    config::Flags flags;
    store::DeliveryFilter filter;
    std::string guid;
    bool json = false;
};

using SharedOptions = std::shared_ptr<Options>;
using Operation = std::function<asio::awaitable<int>(store::Store&)>;

int with_store(const Options& options, const Operation& operation) {
    const auto configuration = config::load(config::Environment::of_process(), options.flags);
    if (configuration.has_error()) return report_mistakes(configuration.error());
    const std::string& path = configuration->database_path;
    std::error_code ignored;  // a file that cannot be looked at cannot be opened either
    const bool is_file = configuration->database_url.empty();
    if (is_file && !std::filesystem::exists(path, ignored))
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

void print(const Options& options, const char* member, std::int64_t count,
           const std::string& text) {
    if (options.json)
        standard_output().data("{\"" + std::string(member) + "\":" + std::to_string(count) + "}");
    else
        standard_output().text(text + "\n");
}

asio::awaitable<int> list(store::Store& store, const Options& options) {
    const auto rows = co_await store.list(options.filter);
    if (rows.has_error()) co_return report(rows.error());
    print(options, to_json_lines, describe_deliveries, *rows);
    co_return Exit::done;
}

asio::awaitable<int> show(store::Store& store, const Options& options) {
    const auto detail = co_await store.show(options.guid);
    if (detail.has_error()) co_return report(detail.error());
    print(options, to_json, describe_delivery, *detail);
    co_return Exit::done;
}

asio::awaitable<int> replay(store::Store& store, const Options& options) {
    const SystemClock clock;
    const auto opened = co_await store.replay(options.guid, clock.now());
    if (opened.has_error()) co_return report(opened.error());
    print(options, "callsOpened", *opened,
          *opened == 0
              ? "it has no calls to do again; where it can be decided, the daemon decides it anew"
              : std::to_string(*opened) +
                    " call(s) will be done again; the daemon takes them up within seconds");
    co_return Exit::done;
}

asio::awaitable<int> drop(store::Store& store, const Options& options) {
    const SystemClock clock;
    const auto dropped = co_await store.drop(options.guid, clock.now());
    if (dropped.has_error()) co_return report(dropped.error());
    print(options, "callsDropped", *dropped,
          std::to_string(*dropped) +
              " call(s) given up by hand; `deliveries replay` takes them up again");
    co_return Exit::done;
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
                                 "list --repository octo/shop --limit 50");
    lister->add_option("--limit", options->filter.limit, "How many")->check(CLI::Range(1, 100'000));
    lister->add_option("--repository", options->filter.repository, "Only of this owner/name");
    lister->add_option("--run-id", options->filter.run_id, "Only of this workflow run");
    lister->add_option("--before", options->filter.before, "Only older than this delivery");
    lister->add_flag("--dead", options->filter.only_dead, "Only with a dead letter");
    choose(*lister, chosen, options, list);

    const auto take_guid = [&options](CLI::App* command) {
        command->add_option("ID", options->guid, "The delivery's id, or its beginning")->required();
    };
    CLI::App* const shower =
        add(*deliveries, options, "show",
            "Explain a delivery: what it was, which rule, why, and each call", "show 72d3162e");
    take_guid(shower);
    choose(*shower, chosen, options, show);

    CLI::App* const replayer =
        add(*deliveries, options, "replay",
            "Do a delivery's calls again; one without calls is decided anew", "replay 72d3162e");
    take_guid(replayer);
    choose(*replayer, chosen, options, replay);

    CLI::App* const dropper =
        add(*deliveries, options, "drop",
            "Give a delivery's calls up by hand: those that wait, such as held ones, and dead "
            "letters",
            "drop 72d3162e");
    take_guid(dropper);
    choose(*dropper, chosen, options, drop);
}

}  // namespace runs_agent::agent
