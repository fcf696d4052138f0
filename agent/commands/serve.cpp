// SPDX-License-Identifier: MIT
// `runs-agent serve`: the webhook daemon, with the embedded Runs API beside it where asked.
#include "agent/cli/agent_store.hpp"
#include "agent/cli/client_setup.hpp"
#include "agent/cli/command.hpp"
#include "agent/cli/report.hpp"
#include "agent/cli/stop_signal.hpp"
#include "agent/daemon/admin_listener.hpp"
#include "agent/daemon/daemon.hpp"
#include "agent/daemon/daemon_lock.hpp"
#include "agent/daemon/data_folder.hpp"
#include "agent/daemon/descriptors.hpp"
#include "agent/daemon/embedded_api.hpp"
#include "agent/daemon/logging.hpp"
#include "agent/daemon/own_certificate.hpp"
#include "agent/daemon/reloaded_secrets.hpp"
#include "agent/daemon/reloading.hpp"
#include "agent/daemon/shared_limits.hpp"
#include "agent/doctor/checkup.hpp"
#include "agent/heap_trimmer.hpp"
#include "agent/version.hpp"
#include "config/configuration.hpp"
#include "config/service.hpp"
#include "store/sqlite_store.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/host_name.hpp>
#include <boost/asio/this_coro.hpp>

#include <memory>
#include <random>

namespace runs_agent::agent {

namespace asio = boost::asio;

namespace {

/// The whole of an orderly stop; shorter than what service managers and GitHub's hooks bear with.
constexpr std::chrono::milliseconds stop_bound{20'000};

/// What TLS takes of each, about 100 KiB, is in no other budget (docs/operations.md).
constexpr std::size_t max_connections_with_tls = 512;

struct Options {
    config::Flags flags;
    bool embedded = false;
    bool dry_run = false;
};

/// Uniform numbers in [0, 1) for the back-off's jitter.
std::function<double()> make_random() {
    auto engine = std::make_shared<std::mt19937_64>(std::random_device()());
    return [engine] { return std::uniform_real_distribution<double>(0.0, 1.0)(*engine); };
}

constexpr const char* no_secret =
    "GITHUB_WEBHOOK_SECRET is not set; give the secret of the webhook's settings on GitHub,"
    " or a file that holds it as GITHUB_WEBHOOK_SECRET_FILE";

/// What `serve` works by, as it is just now: policy, secrets, settings. Errc::bad_input, a line a
/// mistake. Reads files, so it may take its time.
Result<config::Configuration> read_configuration(const Options& options) {
    const auto environment = config::environment_of_command();
    auto configuration = config::load(environment, options.flags);
    if (configuration.has_error()) return configuration;
    if (configuration->webhook_secrets.empty()) return fail(Errc::bad_input, no_secret);
    if (const auto right = check_network(*configuration, environment); right.has_error())
        return right.error();
    return configuration;
}

/// The same while the daemon works. A certificate that nobody would accept does not take the place
/// of one that is shown.
Result<config::Configuration> read_anew(const Options& options, const Clock& clock) {
    auto configuration = read_configuration(options);
    if (configuration.has_error()) return configuration;
    const auto shown = server_certificate(*configuration);
    if (shown.has_value() && *shown)
        if (const auto valid = net::check_time(**shown, clock.now()); valid.has_error())
            return fail(Errc::bad_input, "RUNS_AGENT_TLS_CERTIFICATE: " + valid.error().message);
    return configuration;
}

/// Makes everything, starts it, waits for a signal and stops it, in the reverse order.
asio::awaitable<int> work(config::Configuration& configuration, const Options& asked, Log& log,
                          Metrics& metrics, store::Store& store, net::ClientOptions network,
                          net::ClientOptions hooks) {
    const auto executor = co_await asio::this_coro::executor;
    StopSignal stopping(executor);
    const auto memory = net::ServerOptions::default_memory();
    SystemClock clock;
    asio::co_spawn(executor, log_suppressed_forever(log), asio::detached);
    std::unique_ptr<EmbeddedApi> api;
    if (asked.embedded) {
        auto made = co_await EmbeddedApi::start(executor, configuration, std::move(hooks), clock,
                                                log, memory, 2);
        if (made.has_error()) co_return report(made.error());
        api = std::move(*made);
        if (!configuration.api_url_given) {
            configuration.api_url = api->url();
            configuration.api_key = api->own_key();
        }
    }
    net::HttpClient notifying(executor, network);
    const net::ClientOptions for_looks = network;
    ApiClient client(executor, std::move(network), clock, configuration,
                     runs_api::AnswerLimits::careful(), &metrics);
    const auto certificate = server_certificate(configuration);
    if (certificate.has_error()) co_return report(certificate.error());
    OwnCertificate tls(*certificate, clock, log, metrics);
    SharedLimits limits(configuration.github.api_url, store, clock, log);
    client.share_limits(limits);
    DaemonOptions options;
    options.listen = configuration.listen;
    options.certificate = *certificate;
    options.webhook_secrets = configuration.webhook_secrets;
    options.policy = configuration.policy;
    options.ground = {version, commit, clock.now(), "runs_api", {}};
    if (api && configuration.api_url == api->url()) options.ground.calls = "embedded";
    if (asked.dry_run) options.ground.calls = "nowhere";
    if (configuration.database_url.empty())
        options.ground.databases.push_back({"agent", configuration.database_path});
    if (api) options.ground.databases.push_back({"api", configuration.api_database_path});
    options.retention = {configuration.keep_bodies, configuration.keep_deliveries};
    if (configuration.notify_given) {
        options.notify_url = configuration.notify_url;
        options.notify_by = &notifying;
        options.notify_name = asio::ip::host_name();
    }
    const auto service = [url = configuration.api_url, key = configuration.api_key] {
        return runs_api_service(url, key());
    };
    options.runs_api_service = service;
    options.dry_run = asked.dry_run;
    options.catch_up = configuration.github.is_given();
    options.memory = memory;
    if (*certificate) options.max_connections = max_connections_with_tls;
    options.max_connections = connections_for(options.max_connections, api ? 2 : 1);
    if (asked.dry_run) log.info("daemon.dry_run", {{"note", "calls are decided on, and not sent"}});
    Daemon daemon(executor, std::move(options), store, client.api(), client.github(), clock, log,
                  metrics, make_random());
    std::unique_ptr<AdminListener> page;
    // Before anything says that the program is ready, as with the signals to stop.
    auto policy = std::make_shared<const decide::Policy>(configuration.policy);
    Reloading reloading(
        executor, [&asked, &clock] { return read_anew(asked, clock); },
        [&daemon, &policy, &tls, &page, &log](config::Configuration read) {
            if (const auto shown = server_certificate(read)) tls.use(*shown);
            if ((page != nullptr) == read.admin_token.empty())
                log.warn("config.restart_needed",
                         {{"note", "whether there is a page changes with a restart alone"}});
            if (page) page->use(read);
            policy = std::make_shared<const decide::Policy>(read.policy);
            daemon.use(std::move(read.policy), std::move(read.webhook_secrets));
        },
        clock, log, metrics);
    if (const auto started = daemon.start(); started.has_error()) co_return report(started.error());
    tls.shown_by([&daemon](const net::ServerCertificate& renewed) { daemon.use(renewed); });
    AdminListener::About about;
    about.version = version;
    about.dry_run = asked.dry_run;
    about.runs_api_service = service;
    about.policy = [&policy] { return policy; };
    about.webhooks = daemon.address();
    about.certificate = *certificate;
    about.api = api.get();
    about.own_api = api && configuration.api_url == api->url();
    Checkup checkup(executor,
                    {configuration, about.own_api, for_looks, about.policy,
                     [&daemon] { return daemon.writable(); }},
                    store, clock, metrics);
    about.checkup = [&checkup] { return checkup.report(); };
    about.glance = [&checkup] { return checkup.glance(); };
    auto listening =
        AdminListener::start(executor, configuration, about, store, clock, log, memory);
    if (listening.has_error()) {
        co_await daemon.stop(std::chrono::seconds(1));
        co_return report(listening.error());
    }
    page = std::move(*listening);
    if (page) tls.shown_by([&page](const net::ServerCertificate& renewed) { page->use(renewed); });

    const std::string signal = co_await stopping.wait();
    reloading.stop();
    log.info("daemon.stopping", {{"signal", signal}});
    if (page) co_await page->stop(std::chrono::seconds(1));
    // The daemon first: its calls may be to the embedded API.
    co_await daemon.stop(stop_bound);
    if (api) co_await api->stop(std::chrono::seconds(2));
    log.tell_suppressed(Log::Suppressed::all);
    log.info("daemon.stopped");
    co_return Exit::done;
}

/// Secrets that are files are read on another thread from now on.
void keep_fresh(const config::Environment& environment, config::Configuration& configuration,
                const ReloadedSecrets& secrets) {
    const auto keep = [&](const std::string& name, ReloadedSecrets::Secret& secret) {
        if (environment.has(name + "_FILE")) secret = secrets.keep(std::move(secret));
    };
    keep("CURRENTS_API_KEY", configuration.api_key);
    keep("GITHUB_TOKEN", configuration.github.token);
    keep("RUNS_AGENT_NOTIFY_URL", configuration.notify_url);
    keep("GITHUB_APP_PRIVATE_KEY", configuration.github.app_private_key);
}

/// What people may not expect who run the embedded Runs API in many replicas.
constexpr const char* local_api =
    "the embedded Runs API keeps its runs in a SQLite file on this machine, and shares them with no"
    " other replica; let one machine serve it (runs-agent api), and name it in CURRENTS_API_URL";

Result<DaemonLock> lock_file(const std::string& database) {
    if (const auto folder = make_folder_of(database); folder.has_error()) return folder.error();
    return DaemonLock::take(database);
}

int serve(const Options& options) {
    raise_descriptor_limit();
    const auto environment = config::environment_of_command();
    auto configuration = config::load(environment, options.flags);
    if (configuration.has_error()) return report_mistakes(configuration.error());
    if (configuration->webhook_secrets.empty()) return report_usage(no_secret);
    const bool own_api = options.embedded && !configuration->api_url_given;
    if (!own_api && !options.dry_run) {
        if (const auto key = configuration->api_key(); key.has_error()) return report(key.error());
    }
    if (const auto right = check_network(*configuration, environment); right.has_error())
        return report_mistakes(right.error());
    const auto network = client_options(environment);
    if (network.has_error()) return report_mistakes(network.error());
    const auto hooks = hook_options(environment, *configuration);
    if (hooks.has_error()) return report_mistakes(hooks.error());
    if (const auto right = check_database(*configuration); right.has_error())
        return report_mistakes(right.error());
    // A PostgreSQL database is shared on purpose, and keeps its own files.
    const bool is_file = configuration->database_url.empty();
    const std::string& database = configuration->database_path;
    std::optional<DaemonLock> lock;
    if (is_file) {
        auto taken = lock_file(database);
        if (taken.has_error()) return report(taken.error());
        lock.emplace(std::move(*taken));
    }

    const SystemClock clock;
    Log log = make_log(*configuration, clock);
    // The context outlives the store, whose threads bring their results to it.
    asio::io_context context(1);
    const HeapTrimmer care(context.get_executor());
    if (is_file) keep_private(database, log);
    if (!is_file && options.embedded) log.warn("store.embedded_is_local", {{"note", local_api}});
    const ReloadedSecrets secrets;
    keep_fresh(environment, *configuration, secrets);
    Metrics metrics;
    store::SqliteStoreOptions store_options;
    store_options.on_commit = [&metrics](std::chrono::nanoseconds took, std::size_t jobs) {
        metrics.commit_duration.observe(in_seconds(took));
        metrics.commit_jobs.observe(static_cast<double>(jobs));
    };
    const auto on_waits = [&log](const std::string& held_by) {
        log.warn("store.migration_waits", {{"for", held_by}});
    };
    auto store = open_store(*configuration, StoreUse::replica, std::move(store_options), on_waits);
    if (store.has_error()) return report(store.error());
    int code = Exit::failed;
    std::exception_ptr bug;
    asio::co_spawn(context, work(*configuration, options, log, metrics, **store, *network, *hooks),
                   [&](std::exception_ptr thrown, int returned) {
                       bug = thrown;
                       code = returned;
                       context.stop();
                   });
    context.run();
    if (bug) std::rethrow_exception(bug);
    return code;
}

}  // namespace

void add_serve(CLI::App& program, Chosen& chosen) {
    CLI::App* const command = program.add_subcommand(
        "serve", "Run the daemon that receives GitHub's webhooks and acts on them");
    command->footer(
        "Needs GITHUB_WEBHOOK_SECRET, and CURRENTS_API_KEY unless the embedded API is used.\n"
        "Example:\n  GITHUB_WEBHOOK_SECRET_FILE=/run/secrets/webhook runs-agent serve --config "
        "policy.yml");
    const auto options = std::make_shared<Options>();
    config::Flags& flags = options->flags;
    command->add_flag("--embedded", options->embedded,
                      "Run the embedded Runs API in the same process, and use it unless "
                      "CURRENTS_API_URL names another");
    command->add_flag("--dry-run", options->dry_run,
                      "Do all but the calls: they are recorded as not sent, for good");
    command->add_option("--config", flags.config_file, "The policy file (RUNS_AGENT_CONFIG)");
    command->add_option("--listen", flags.listen,
                        "Where webhooks are received (RUNS_AGENT_LISTEN)");
    command->add_option("--admin-listen", flags.admin_listen,
                        "Where the page listens (RUNS_AGENT_ADMIN_LISTEN)");
    command->add_option("--database", flags.database,
                        "sqlite:/path.db or postgresql://… (RUNS_AGENT_DATABASE)");
    command->add_option("--api-url", flags.api_url, "The Runs API (CURRENTS_API_URL)");
    command->add_option("--api-listen", flags.api_listen,
                        "Where the embedded Runs API listens (RUNS_AGENT_API_LISTEN)");
    command->add_option("--api-database", flags.api_database,
                        "The embedded Runs API's sqlite:/path.db (RUNS_AGENT_API_DATABASE)");
    command->add_option("--log-level", flags.log_level,
                        "debug, info, warn, error (RUNS_AGENT_LOG)");
    command->add_option("--log-format", flags.log_format, "text or json (RUNS_AGENT_LOG_FORMAT)");
    command->callback([&chosen, options] { chosen = [options] { return serve(*options); }; });
}

}  // namespace runs_agent::agent
