// SPDX-License-Identifier: MIT
#include "agent/doctor/services.hpp"

#include "runs_api/pages.hpp"

#include <boost/asio/awaitable.hpp>

#include <algorithm>

namespace runs_agent::agent {

namespace asio = boost::asio;

namespace {

constexpr int rows_looked_at = 200;
constexpr std::chrono::hours heard_within{30 * 24};
constexpr int max_pages = 100;  // as many as the daemon reads
constexpr std::chrono::seconds pages_bound{10};

template <class Action>
void for_each_settings(const decide::Policy& policy, const Action& action) {
    for (const decide::PolicyRule& rule : policy.rules)
        if (!rule.settings.ignore) action(rule.settings);
    action(policy.defaults);
}

}  // namespace

asio::awaitable<StoreTold> look_at_store(store::Store& store, std::string github_host, Time now) {
    StoreTold told;
    const auto backlog = co_await store.backlog();
    if (backlog.has_error()) {
        told.fault = backlog.error().message;
        co_return told;
    }
    told.backlog = *backlog;
    store::DeliverySearch search;
    search.limit = rows_looked_at;
    const auto newest = co_await store.search(search);
    if (newest.has_value()) {
        if (!newest->rows.empty()) told.newest = newest->rows.front().received_at;
        const auto ping = std::ranges::find(newest->rows, "ping", &store::DeliveryRow::event);
        if (ping != newest->rows.end()) told.last_ping = ping->received_at;
    }
    const auto hooks = co_await store.hooks(github_host, now - heard_within);
    if (hooks.has_value()) told.hooks = *hooks;
    const auto repositories = co_await store.repositories(github_host, now - heard_within);
    if (repositories.has_value()) told.repositories = *repositories;
    co_return told;
}

ApiAbout::ApiAbout(const Clock& by, const config::Configuration& told, bool is_own,
                   std::vector<std::string> wanted)
    : clock(by),
      address(told.api_url),
      key_given(told.api_key_given),
      own(is_own),
      named(std::move(wanted)) {}

asio::awaitable<doctor::ApiSeen> look_at_api(runs_api::RunsApi& api, ApiAbout about) {
    doctor::ApiSeen seen;
    seen.address = about.address;
    seen.key_given = about.key_given;
    seen.own = about.own;
    if (!seen.key_given || seen.own) co_return seen;
    const auto found_all = [&] {
        return std::ranges::all_of(about.named, [&](const std::string& id) {
            return std::ranges::find(seen.projects, id) != seen.projects.end();
        });
    };
    const SteadyTime until = about.clock.steady() + pages_bound;
    runs_api::Pages pages(max_pages);
    for (bool more = true; more;) {
        const runs_api::ListProjects query{pages.next()};
        const Result<runs_api::Answer> listed = co_await api.list_projects(query);
        if (listed.has_error() && seen.more) co_return seen;
        if (listed.has_error()) {
            seen.status = 0;
            seen.words = listed.error().message;
            seen.key_fault = listed.error().code == Errc::refused;
            co_return seen;
        }
        seen.status = listed->status;
        seen.words = listed->error;
        if (!listed->ok() || !listed->data) co_return seen;
        for (const std::string_view id : listed->data->project_ids())
            seen.projects.emplace_back(id);
        more = pages.take(*listed->data);
        seen.more = more;
        if (found_all() || about.clock.steady() > until) co_return seen;
    }
    seen.more = !pages.cut_short().empty();
    co_return seen;
}

doctor::Wanted wanted_by(const decide::Policy& policy) {
    doctor::Wanted wanted;
    const decide::Settings built_in;
    for_each_settings(policy, [&](const decide::Settings& settings) {
        wanted.cancels_workflows |= settings.superseded && settings.cancel_workflow;
        wanted.jobs |= !settings.jobs.empty() || settings.machine_id != built_in.machine_id;
    });
    return wanted;
}

std::vector<std::string> projects_of(const decide::Policy& policy) {
    std::vector<std::string> found;
    for_each_settings(policy, [&](const decide::Settings& settings) {
        for (const std::string& id : settings.project_ids)
            if (std::ranges::find(found, id) == found.end()) found.push_back(id);
    });
    return found;
}

bool is_public_github(const std::string& host) {
    return host == "github.com" || host.ends_with(".ghe.com");
}

doctor::BacklogSeen backlog_of(const store::Backlog& backlog, bool daemon_runs) {
    doctor::BacklogSeen seen;
    seen.undecided = backlog.undecided;
    seen.pending = backlog.pending;
    seen.held = backlog.held;
    seen.dead = backlog.dead;
    seen.held_because = backlog.held_because;
    seen.oldest_pending = backlog.oldest_pending;
    seen.daemon_runs = daemon_runs;
    return seen;
}

}  // namespace runs_agent::agent
