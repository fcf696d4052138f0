// SPDX-License-Identifier: MIT
#include "agent/doctor/checkup.hpp"

#include "agent/doctor/clients.hpp"
#include "agent/doctor/here.hpp"
#include "base/time_text.hpp"
#include "base/wakeup.hpp"
#include "doctor/api_side.hpp"
#include "doctor/keeping.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <filesystem>
#include <optional>

namespace runs_agent::agent {

namespace asio = boost::asio;
using doctor::Check;
using doctor::Findings;

namespace {

constexpr std::chrono::minutes keep_for{1};
constexpr std::chrono::minutes keep_for_a_glance{5};
/// Older than that nothing is told at a glance: nobody looked for so long.
constexpr std::chrono::minutes too_old_for_a_glance{10};
constexpr std::chrono::milliseconds wait_for_services{3'000};

void add(Findings& to, Findings more) {
    for (doctor::Finding& one : more) to.push_back(std::move(one));
}

/// What needs somebody has its time beside it: it may have been mended in these minutes.
Findings as_of(Findings found, Time at) {
    for (doctor::Finding& one : found)
        if (one.verdict != doctor::Verdict::ok)
            one.says += " (as of " + to_iso8601(at).substr(11, 5) + " UTC)";
    return found;
}

/// Is nothing wrong, and no Runs API away? That is a warning, but people see it while it lasts.
bool is_well(const Findings& outside) {
    return std::ranges::none_of(outside, [](const doctor::Finding& one) {
        return one.verdict == doctor::Verdict::wrong ||
               (one.check == Check::api_key && one.verdict == doctor::Verdict::warning);
    });
}

/// In place of what the first look has yet to find.
Findings still_asked() {
    Findings found;
    for (const Check check : {Check::github, Check::hook, Check::api_key, Check::projects})
        found.push_back(doctor::not_looked_at(check, "it is being asked for the first time",
                                              "load this again in some seconds"));
    return found;
}

}  // namespace

/// Owned by the look under way, too: that may outlive the Checkup.
struct Checkup::State {
    State(const asio::any_io_executor& on, About told, store::Store& with, Clock& by,
          const Metrics& counted)
        : executor(on),
          about(std::move(told)),
          store(with),
          clock(by),
          metrics(counted),
          clients(on, about.network, by, about.configuration),
          looked(on) {}

    asio::any_io_executor executor;
    const About about;
    store::Store& store;
    Clock& clock;
    const Metrics& metrics;
    Clients clients;
    Wakeup looked;
    bool looking = false;
    Findings outside;
    std::optional<Time> github_refused;  // as of the same look
    std::optional<SteadyTime> outside_at;
    Time outside_time{};

    doctor::SignaturesSeen signatures(const StoreTold& told) const;
    void note(const std::exception_ptr& bug);
    asio::awaitable<Findings> look_here(StoreTold told);
    static asio::awaitable<void> look_outside(std::shared_ptr<State> self, StoreTold told);
    /// Unless what they said is newer than that, or they are being asked.
    static void ask_services(const std::shared_ptr<State>& self, const StoreTold& told,
                             std::chrono::milliseconds newer);
    static asio::awaitable<doctor::Report> tell(std::shared_ptr<State> self, StoreTold told);
};

doctor::SignaturesSeen Checkup::State::signatures(const StoreTold& told) const {
    doctor::SignaturesSeen seen;
    if (metrics.last_delivery != Time()) seen.last_good = metrics.last_delivery;
    seen.last_ping = told.last_ping;
    seen.github_refused = github_refused;
    seen.refused = static_cast<std::int64_t>(metrics.webhook_requests.value(
        Metrics::Event::unverified, Metrics::Answer::wrong_signature));
    if (metrics.last_wrong_signature != Time()) seen.last_refused = metrics.last_wrong_signature;
    return seen;
}

/// A mistake of ours in a look is told of, and ends nothing else.
void Checkup::State::note(const std::exception_ptr& bug) {
    try {
        std::rethrow_exception(bug);
    } catch (const std::exception& mistake) {
        outside = {doctor::not_looked_at(
            doctor::Check::api_key,
            std::string("the services were not asked, by a mistake of this program: ") +
                mistake.what(),
            "please report it")};
    }
    outside_at = clock.steady();
    outside_time = clock.now();
}

asio::awaitable<Findings> Checkup::State::look_here(StoreTold told) {
    const Time now = clock.now();
    Findings found;
    const auto policy = about.policy();
    doctor::PolicySeen rules;
    rules.file = about.configuration.policy_file;
    rules.rules = policy->rules.size();
    rules.reload_failed = !metrics.reload_succeeded;
    found.push_back(doctor::judge_policy(rules));
    found.push_back(doctor::judge_signatures(signatures(told), now));
    const bool is_file = about.configuration.database_url.empty();
    const std::string& path = about.configuration.database_path;
    doctor::DatabaseSeen database;
    database.path = is_file ? path : "the PostgreSQL database";
    const Result<void> written = co_await about.written();
    if (written.has_error())
        database.fault = written.error().message;
    else
        database.fault = told.fault;
    database.written = true;
    found.push_back(doctor::judge_database(database));
    if (is_file)
        found.push_back(
            doctor::judge_disk(look_at_disk(std::filesystem::path(path).parent_path().string())));
    if (told.backlog) add(found, doctor::judge_backlog(backlog_of(*told.backlog, true), now));
    co_return found;
}

asio::awaitable<void> Checkup::State::look_outside(std::shared_ptr<State> self, StoreTold told) {
    const auto policy = self->about.policy();
    const config::Configuration& configuration = self->about.configuration;
    Findings found;
    ApiAbout asked(self->clock, configuration, self->about.own_api, projects_of(*policy));
    const auto api = co_await look_at_api(self->clients.api(), std::move(asked));
    found.push_back(doctor::judge_api_key(api));
    add(found, doctor::judge_projects(api, projects_of(*policy)));
    GitHubAbout about;
    about.access = configuration.github;
    about.url = configuration.public_url;
    about.hooks = told.hooks;
    about.repositories = told.repositories;
    about.unknown_of = [self](std::vector<std::string> guids) {
        return self->store.unknown_guids(std::move(guids));
    };
    about.wanted = wanted_by(*policy);
    about.now = self->clock.now();
    auto github = co_await look_at_github(self->clients.github(), std::move(about));
    add(found, std::move(github.findings));
    self->github_refused = github.refused_at;
    found.push_back(doctor::judge_clock(self->clients.watched().clocks(),
                                        !configuration.github.app_id.empty()));
    self->outside = std::move(found);
    self->outside_at = self->clock.steady();
    self->outside_time = self->clock.now();
}

void Checkup::State::ask_services(const std::shared_ptr<State>& self, const StoreTold& told,
                                  std::chrono::milliseconds newer) {
    const bool old = !self->outside_at || self->clock.steady() - *self->outside_at > newer;
    if (!old || self->looking) return;
    self->looking = true;
    asio::co_spawn(self->executor, look_outside(self, told), [self](std::exception_ptr bug) {
        if (bug) self->note(bug);
        self->looking = false;
        self->looked.notify();
    });
}

asio::awaitable<doctor::Report> Checkup::State::tell(std::shared_ptr<State> self, StoreTold told) {
    doctor::Report report;
    report.findings = co_await self->look_here(std::move(told));
    report.at = self->outside_at ? self->outside_time : self->clock.now();
    report.still_asking = self->looking;
    add(report.findings, self->outside_at ? self->outside : still_asked());
    doctor::put_in_order(report.findings);
    co_return report;
}

Checkup::Checkup(const asio::any_io_executor& executor, About about, store::Store& store,
                 Clock& clock, const Metrics& metrics)
    : state_(std::make_shared<State>(executor, std::move(about), store, clock, metrics)) {}

Checkup::~Checkup() = default;

asio::awaitable<doctor::Report> Checkup::report() {
    const std::shared_ptr<State> state = state_;
    StoreTold told =
        co_await look_at_store(state->store, state->clients.github_host(), state->clock.now());
    const SteadyTime began = state->clock.steady();
    State::ask_services(state, told, keep_for);
    while (state->looking && state->clock.steady() - began < wait_for_services)
        co_await state->looked.wait_for(state->clock, wait_for_services);
    co_return co_await State::tell(state, std::move(told));
}

asio::awaitable<doctor::Report> Checkup::glance() {
    const std::shared_ptr<State> state = state_;
    StoreTold told =
        co_await look_at_store(state->store, state->clients.github_host(), state->clock.now());
    // What was wrong may be mended soon.
    State::ask_services(state, told, is_well(state->outside) ? keep_for_a_glance : keep_for);
    doctor::Report report;
    report.findings = co_await state->look_here(std::move(told));
    report.at = state->outside_at ? state->outside_time : state->clock.now();
    report.still_asking =
        !state->outside_at || state->clock.steady() - *state->outside_at > too_old_for_a_glance;
    if (!report.still_asking) add(report.findings, as_of(state->outside, report.at));
    doctor::put_in_order(report.findings);
    co_return report;
}

}  // namespace runs_agent::agent
