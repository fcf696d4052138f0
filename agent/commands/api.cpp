// SPDX-License-Identifier: MIT
// `runs-agent api`: the embedded Runs API alone.
#include "agent/cli/client_setup.hpp"
#include "agent/cli/command.hpp"
#include "agent/cli/report.hpp"
#include "agent/cli/run_to_end.hpp"
#include "agent/cli/stop_signal.hpp"
#include "agent/daemon/descriptors.hpp"
#include "agent/daemon/embedded_api.hpp"
#include "agent/daemon/logging.hpp"
#include "agent/heap_trimmer.hpp"
#include "config/configuration.hpp"
#include "config/service.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>

#include <memory>

namespace runs_agent::agent {

namespace asio = boost::asio;

namespace {

asio::awaitable<int> work(const config::Configuration& configuration, net::ClientOptions hooks,
                          Log& log) {
    const auto executor = co_await asio::this_coro::executor;
    StopSignal stopping(executor);
    const HeapTrimmer care(executor);
    SystemClock clock;
    asio::co_spawn(executor, log_suppressed_forever(log), asio::detached);
    auto api = co_await EmbeddedApi::start(executor, configuration, std::move(hooks), clock, log,
                                           net::ServerOptions::default_memory(), 1);
    if (api.has_error()) co_return report(api.error());
    const std::string signal = co_await stopping.wait();
    log.info("api.stopping", {{"signal", signal}});
    co_await (*api)->stop(std::chrono::seconds(10));
    log.tell_suppressed(Log::Suppressed::all);
    co_return Exit::done;
}

int run_api(const config::Flags& flags) {
    raise_descriptor_limit();
    const auto environment = config::environment_of_command();
    const auto configuration = config::load(environment, flags);
    if (configuration.has_error()) return report_mistakes(configuration.error());
    const auto hooks = hook_options(environment, *configuration);
    if (hooks.has_error()) return report_mistakes(hooks.error());
    const SystemClock clock;
    Log log = make_log(*configuration, clock);
    return run_to_end([&] { return work(*configuration, *hooks, log); });
}

}  // namespace

void add_api(CLI::App& program, Chosen& chosen) {
    CLI::App* const command = program.add_subcommand(
        "api", "Run the embedded Runs API alone, for tests and for self-hosting");
    command->footer(
        "Official clients are pointed at it unchanged: CURRENTS_API_URL=http://127.0.0.1:4000\n"
        "Example:\n  CURRENTS_PROJECT_ID=shop runs-agent api --api-listen 127.0.0.1:4000");
    const auto flags = std::make_shared<config::Flags>();
    command->add_option("--api-listen", flags->api_listen,
                        "Where to listen (RUNS_AGENT_API_LISTEN)");
    command->add_option("--api-database", flags->api_database,
                        "sqlite:/path.db (RUNS_AGENT_API_DATABASE)");
    command->add_option("--log-level", flags->log_level,
                        "debug, info, warn, error (RUNS_AGENT_LOG)");
    command->add_option("--log-format", flags->log_format, "text or json (RUNS_AGENT_LOG_FORMAT)");
    command->callback([&chosen, flags] { chosen = [flags] { return run_api(*flags); }; });
}

}  // namespace runs_agent::agent
