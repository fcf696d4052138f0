// SPDX-License-Identifier: MIT
#include "agent/doctor/examination.hpp"

#include "agent/cli/agent_store.hpp"
#include "agent/cli/client_setup.hpp"
#include "agent/doctor/asking.hpp"
#include "agent/doctor/clients.hpp"
#include "agent/doctor/here.hpp"
#include "agent/version.hpp"
#include "config/service.hpp"
#include "doctor/api_side.hpp"
#include "doctor/hook_log.hpp"
#include "doctor/keeping.hpp"
#include "net/listen_address.hpp"
#include "store/sqlite/schema.hpp"
#include "webhooks/deliveries/probe.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <sstream>
#include <unistd.h>

namespace runs_agent::agent {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using doctor::Check;
using doctor::Findings;

namespace {

/// For all that GitHub is asked: there may be many webhooks, each of which is slow.
constexpr std::chrono::seconds github_bound{30};

void add(Findings& to, Findings more) {
    for (doctor::Finding& one : more) to.push_back(std::move(one));
}

/// What is wrong with the settings, the policy's apart.
struct Mistakes {
    std::vector<std::string> settings;
    std::vector<std::string> policy;

    /// Can what this setting says be relied on?
    bool spares(std::string_view setting) const {
        return std::ranges::none_of(settings, [&](const std::string& line) {
            return line.find(setting) != std::string::npos;
        });
    }
    void take(std::vector<std::string>& to, const std::string& text) {
        std::istringstream lines(text);
        for (std::string line; std::getline(lines, line);)
            if (std::ranges::find(to, line) == to.end()) to.push_back(std::move(line));
    }
};

Mistakes mistakes_of(const config::Reading& reading, const config::Environment& environment) {
    Mistakes found;
    for (const config::Mistake& one : reading.mistakes)
        found.take(one.setting == "RUNS_AGENT_CONFIG" ? found.policy : found.settings, one.message);
    if (const auto network = check_network(reading.configuration, environment); network.has_error())
        found.take(found.settings, network.error().message);
    if (const auto database = check_database(reading.configuration); database.has_error())
        found.take(found.settings, database.error().message);
    return found;
}

/// ADDRESS:PORT at which a process of this machine reaches the listener; empty: not known.
std::string reachable(const std::string& listen) {
    auto endpoint = net::parse_listen_address(listen);
    if (endpoint.has_error() || endpoint->port() == 0) return {};
    if (endpoint->address().is_unspecified()) {
        if (endpoint->address().is_v4())
            endpoint->address(asio::ip::address_v4::loopback());
        else
            endpoint->address(asio::ip::address_v6::loopback());
    }
    return net::to_text(*endpoint);
}

/// Everything that the steps of an examination share.
struct Examination {
    Examination(const config::Reading& read, const config::Environment& from, Question asked)
        : configuration(read.configuration),
          question(std::move(asked)),
          mistakes(mistakes_of(read, from)) {}

    config::Configuration configuration;
    const Question question;
    const Mistakes mistakes;
    const SystemClock clock{};

    // What the steps have learnt.
    Findings found;
    doctor::Answered alive;
    std::optional<bool> locked;          // the database's lock, where it is a file
    bool own_api = false;                // calls go to the embedded one
    bool own_api_guessed = false;        // as far as can be told from here
    std::optional<Time> github_refused;  // the newest of its logs that was answered 401
    std::string metrics;                 // of the daemon; empty: not got
    bool store_written = false;          // the daemon says that it could
    std::string store_fault;             // or why not
    doctor::Answered local_probe;
    std::unique_ptr<store::Store> store;  // absent: it could not be opened
    StoreTold told;

    /// Does a daemon work on the database? Where it cannot be told, the one that answers does.
    bool in_use() const { return locked.value_or(doctor::is_daemon(alive)); }
    /// The same of any database; a PostgreSQL's has no lock that could be seen from here.
    bool worked_on() const {
        return configuration.database_url.empty() ? in_use() : doctor::is_daemon(alive);
    }
};

/// Is nothing of an installation on this machine? Then only the way to one is of interest.
bool is_elsewhere(const Examination& at) {
    const config::Configuration& configuration = at.configuration;
    std::error_code absent;
    return !at.question.url.empty() && configuration.service.empty() &&
           configuration.database_url.empty() && !doctor::is_daemon(at.alive) &&
           configuration.listen == config::Configuration().listen && at.locked == false &&
           !fs::exists(configuration.database_path, absent);
}

/// Why this command may lack a secret that the daemon has; empty: it has none.
std::string why_hidden(const Examination& at) {
    if (!at.configuration.service.empty())
        return ::geteuid() == 0 ? "" : "what " + at.configuration.service + " gives is root's";
    if (doctor::is_daemon(at.alive)) return "the daemon that answers was started with one";
    return is_elsewhere(at) ? "the daemon runs elsewhere" : "";
}

/// The daemon's word counts. While none answers, nothing says that it is started with --embedded
/// but the database of its API, and that may be of long ago.
void find_own_api(Examination& at) {
    const config::Configuration& configuration = at.configuration;
    const std::string calls = doctor::calls_of(at.alive);
    at.own_api = calls == "embedded";
    if (!calls.empty() || configuration.api_key_given || configuration.api_url_given) return;
    std::error_code absent;
    at.own_api = at.own_api_guessed = fs::exists(configuration.api_database_path, absent);
}

void look_at_settings(Examination& at) {
    const config::Configuration& configuration = at.configuration;
    find_own_api(at);
    doctor::SettingsSeen seen;
    seen.mistakes = at.mistakes.settings;
    const doctor::ServiceSeen service = look_at_service(configuration.service);
    seen.service_runs = service.processes > 0;
    if (!configuration.service.empty())
        for (const config::Withheld& one :
             config::withheld_by_unit(config::files_of_unit(configuration.service)))
            seen.withheld.emplace_back(config::in_words(one), config::cure_of(one));
    seen.secret_given =
        !configuration.webhook_secrets.empty() || !at.mistakes.spares("GITHUB_WEBHOOK_SECRET");
    seen.key_given = configuration.api_key_given || !at.mistakes.spares("CURRENTS_API_KEY");
    seen.key_needed = !at.own_api && doctor::calls_of(at.alive) != "nowhere";
    seen.needed_perhaps = at.own_api_guessed;
    seen.hidden = why_hidden(at);
    add(at.found, doctor::judge_settings(seen));
    doctor::PolicySeen policy;
    policy.file = configuration.policy_file;
    policy.rules = configuration.policy.rules.size();
    policy.mistakes = at.mistakes.policy;
    policy.reload_failed = metric_of(at.metrics, "runs_agent_config_last_reload_successful") == 0.0;
    at.found.push_back(doctor::judge_policy(policy));
    if (at.question.rule && at.mistakes.policy.empty()) at.found.push_back(*at.question.rule);
    at.found.push_back(doctor::judge_service(service));
}

/// Each of them, until one is refused: a daemon tells of what does not fit.
asio::awaitable<void> try_secrets(Examination& at, net::HttpTransport& http, std::string url) {
    doctor::SecretSeen seen;
    seen.of = at.configuration.webhook_secrets.size();
    for (std::size_t i = 0; i < seen.of; ++i) {
        seen.which = i + 1;
        std::string secret = at.configuration.webhook_secrets[i];
        std::string probe = webhooks::make_probe();
        seen.signed_one = co_await ask_with_ping(http, url, std::move(probe), std::move(secret));
        if (seen.signed_one.status != 200) break;
    }
    at.local_probe = seen.signed_one;
    at.found.push_back(doctor::judge_secret(seen));
}

asio::awaitable<void> look_at_daemon(Examination& at, net::HttpTransport& http) {
    const config::Configuration& configuration = at.configuration;
    doctor::DaemonSeen seen;
    seen.address = reachable(configuration.listen);
    seen.version = version;
    seen.unit = configuration.service;
    if (configuration.database_url.empty())
        at.locked = seen.locked = is_locked(configuration.database_path);
    std::error_code absent;
    if (fs::exists(configuration.database_path, absent))
        seen.database = configuration.database_path;
    seen.tls = configuration.tls.certificate_given;
    const auto base_by = [&seen](bool tls) {
        return (tls ? "https://" : "http://") + seen.address;
    };
    std::string base = base_by(seen.tls);
    if (!seen.address.empty()) seen.alive = co_await ask(http, base + "/healthz");
    if (!seen.address.empty() && !doctor::is_daemon(seen.alive)) {
        // It may have been started with other settings than these.
        const std::string other = base_by(!seen.tls);
        doctor::Answered alive = co_await ask(http, other + "/healthz");
        seen.other_way = doctor::is_daemon(alive);
        if (seen.other_way) {
            base = other;
            seen.alive = std::move(alive);
        }
    }
    at.alive = seen.alive;
    seen.elsewhere = is_elsewhere(at);
    seen.hidden = !configuration.service.empty() && !why_hidden(at).empty();
    add(at.found, doctor::judge_daemon(seen));
    if (!doctor::is_daemon(seen.alive)) co_return;
    const doctor::Answered ready = co_await ask(http, base + "/readyz");
    at.store_fault = doctor::store_fault_of(ready);
    at.store_written = ready.body.find(R"("store":{"ok":true)") != std::string::npos;
    at.found.push_back(doctor::judge_readiness(ready));
    const doctor::Answered metrics = co_await ask(http, base + "/metrics");
    if (metrics.status == 200) at.metrics = metrics.body;
    co_await try_secrets(at, http, base + "/webhooks/github");
}

asio::awaitable<void> read_store(Examination& at, std::string github_host,
                                 doctor::DatabaseSeen& seen) {
    auto store = open_store_to_look(at.configuration, at.in_use());
    if (store.has_error()) {
        seen.fault = store.error().message;
        seen.behind = store.error().code == Errc::not_found;
        co_return;
    }
    at.store = std::move(*store);
    at.told = co_await look_at_store(*at.store, std::move(github_host), at.clock.now());
    seen.fault = at.told.fault;
}

asio::awaitable<void> look_at_database(Examination& at, std::string github_host) {
    if (!at.mistakes.spares("RUNS_AGENT_DATABASE") || !at.mistakes.spares("RUNS_AGENT_STATE_DIR")) {
        at.found.push_back(
            doctor::not_looked_at(Check::database, "where it is cannot be told: see the settings"));
        co_return;
    }
    const config::Configuration& configuration = at.configuration;
    const bool is_file = configuration.database_url.empty();
    doctor::DatabaseSeen seen;
    if (is_file) {
        const auto newest = static_cast<std::int64_t>(store::sqlite_migrations().size());
        seen = look_at_database_file(configuration.database_path, newest, at.in_use());
        if (is_readable(seen)) co_await read_store(at, std::move(github_host), seen);
    } else {
        seen.path = "the PostgreSQL database";
        co_await read_store(at, std::move(github_host), seen);
    }
    // What is read well from here may yet be what the daemon cannot write.
    if (seen.fault.empty() && !seen.root_needed && at.worked_on()) seen.fault = at.store_fault;
    if (!configuration.service.empty())
        seen.user_made_up = config::makes_up_its_user(config::files_of_unit(configuration.service));
    seen.written = at.store_written && (!is_file || at.in_use());
    at.found.push_back(doctor::judge_database(seen));
    if (is_file)
        at.found.push_back(doctor::judge_disk(
            look_at_disk(fs::path(configuration.database_path).parent_path().string())));
    if (at.told.backlog)
        add(at.found,
            doctor::judge_backlog(backlog_of(*at.told.backlog, at.worked_on()), at.clock.now()));
}

/// The daemon's own word where it answers; else what is stored.
void look_at_signatures(Examination& at) {
    const auto time_of = [&at](const char* name) -> std::optional<Time> {
        const auto seconds = metric_of(at.metrics, name);
        if (!seconds || *seconds <= 0) return std::nullopt;
        return Time(std::chrono::milliseconds(static_cast<std::int64_t>(*seconds * 1000)));
    };
    doctor::SignaturesSeen seen;
    seen.last_ping = at.told.last_ping;
    seen.github_refused = at.github_refused;
    if (at.metrics.empty()) {
        if (!at.told.backlog) return;  // nobody could be asked
        seen.last_good = at.told.newest;
    } else {
        seen.last_good = time_of("runs_agent_last_delivery_timestamp_seconds");
        seen.last_refused = time_of("runs_agent_last_wrong_signature_timestamp_seconds");
        seen.refused = static_cast<std::int64_t>(
            metric_of(at.metrics, R"(runs_agent_webhook_requests_total{event="unverified",)"
                                  R"(outcome="refused",code="401"})")
                .value_or(0));
    }
    at.found.push_back(doctor::judge_signatures(seen, at.clock.now()));
}

asio::awaitable<void> look_at_runs_api(Examination& at, Clients& clients) {
    if (!at.mistakes.spares("CURRENTS_API_URL")) {
        at.found.push_back(doctor::not_looked_at(
            Check::api_key, "it is sent nowhere as long as CURRENTS_API_URL is wrong"));
        co_return;
    }
    const config::Configuration& configuration = at.configuration;
    ApiAbout about(at.clock, configuration, at.own_api, projects_of(configuration.policy));
    auto seen = co_await look_at_api(clients.api(), std::move(about));
    seen.own_is_guessed = at.own_api_guessed;
    at.found.push_back(doctor::judge_api_key(seen));
    if (at.mistakes.policy.empty())
        add(at.found, doctor::judge_projects(seen, projects_of(configuration.policy)));
    else
        at.found.push_back(doctor::not_looked_at(
            Check::projects, "which are named cannot be told while the policy is wrong"));
}

/// Returns what the way from outside wants to know of it.
asio::awaitable<GitHubTold> look_at_github_side(Examination& at, Clients& clients,
                                                std::string url) {
    // Not by GITHUB_ alone: the webhook's secret is nothing that GitHub is asked with.
    const auto spared = [&at](const char* name) { return at.mistakes.spares(name); };
    if (!spared("GITHUB_API_URL") || !spared("GITHUB_TOKEN") || !spared("GITHUB_APP_")) {
        at.found.push_back(doctor::not_looked_at(
            Check::github, "GitHub is not asked as long as these settings are wrong"));
        co_return GitHubTold();
    }
    GitHubAbout about;
    about.access = at.configuration.github;
    about.url = std::move(url);
    about.repository = at.question.repository;
    about.hooks = at.told.hooks;
    about.repositories = at.told.repositories;
    // What a database has that no daemon works on says nothing of what was taken.
    if (at.store && at.worked_on())
        about.unknown_of = [&at](std::vector<std::string> guids) {
            return at.store->unknown_guids(std::move(guids));
        };
    about.wanted = wanted_by(at.configuration.policy);
    about.now = at.clock.now();
    clients.give_up_at(at.clock.steady() + github_bound);
    GitHubTold told = co_await look_at_github(clients.github(), std::move(about));
    add(at.found, std::move(told.findings));
    at.github_refused = told.refused_at;
    co_return told;
}

}  // namespace

asio::awaitable<Findings> examine(config::Environment environment, config::Reading reading,
                                  Question question) {
    const auto executor = co_await asio::this_coro::executor;
    Examination at(reading, environment, std::move(question));
    // Where proxy or certificates cannot be read the settings say so; the rest goes without them.
    const auto options = client_options(environment);
    const net::ClientOptions network =
        patient_for_a_look(options.has_value() ? *options : net::ClientOptions());
    Clients clients(executor, network, at.clock, at.configuration);
    net::ClientOptions near = network;
    near.https_proxy.clear();
    near.verify = false;  // the certificate names the address that GitHub knows
    net::HttpClient own(executor, std::move(near));
    co_await look_at_daemon(at, own);
    look_at_settings(at);
    const std::string host = clients.github_host();
    co_await look_at_database(at, host);
    co_await look_at_runs_api(at, clients);
    const std::string given =
        at.question.url.empty() ? at.configuration.public_url : at.question.url;
    const GitHubTold github = co_await look_at_github_side(at, clients, given);
    look_at_signatures(at);
    Outside outside;
    outside.url = given.empty() ? github.payload_url : given;
    outside.insecure_ssl = github.insecure_ssl;
    outside.own_tls = at.configuration.tls.certificate_given;
    outside.from_hook = given.empty();
    outside.public_github = is_public_github(host);
    const auto& secrets = at.configuration.webhook_secrets;
    if (!secrets.empty()) outside.secret = secrets.front();
    outside.local = at.local_probe;
    outside.now = at.clock.now();
    add(at.found, co_await look_from_outside(network, std::move(outside)));
    doctor::forgive_past(at.found);
    at.found.push_back(
        doctor::judge_clock(clients.watched().clocks(), !at.configuration.github.app_id.empty()));
    doctor::put_in_order(at.found);
    co_return std::move(at.found);
}

}  // namespace runs_agent::agent
