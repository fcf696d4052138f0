// SPDX-License-Identifier: MIT
#include "agent/doctor/services.hpp"

#include <boost/asio/awaitable.hpp>

#include <algorithm>

namespace runs_agent::agent {

namespace asio = boost::asio;
using doctor::NotGot;

namespace {

constexpr std::size_t max_hooks = 5;

/// Why there is no value; absent: there is one.
template <class Value>
std::optional<NotGot> fault_of(const Result<github::Answer<Value>>& answer) {
    if (answer.has_error()) return NotGot{0, answer.error().message};
    if (answer->value) return std::nullopt;
    return NotGot{answer->status, answer->message};
}

void add(doctor::Findings& to, doctor::Findings more) {
    for (doctor::Finding& one : more) to.push_back(std::move(one));
}

std::string name_of(const github::Hook& hook) {
    if (hook.kind == github::HookTarget::app) return "the GitHub App's webhook";
    return "webhook " + hook.id + " of " + hook.owner;
}

/// A run of it that should have been told of.
struct NewestRun {
    std::optional<NotGot> fault;
    std::optional<Time> began;
};
asio::awaitable<NewestRun> newest_run_of(github::GitHub& github, std::string repository) {
    NewestRun found;
    github::ListWorkflowRuns query;
    query.repository = std::move(repository);
    const auto runs = co_await github.list_workflow_runs(std::move(query));
    found.fault = fault_of(runs);
    if (found.fault || runs->value->runs.empty()) co_return found;
    const github::WorkflowRun& newest = runs->value->runs.front();
    found.began = std::max(newest.created_at, newest.started_at);
    co_return found;
}

doctor::HookSeen seen_of(const github::standing::HookSettings& hook, std::string name,
                         bool of_app) {
    doctor::HookSeen seen;
    seen.name = std::move(name);
    seen.of_app = of_app;
    seen.active = hook.active;
    seen.url = hook.url;
    seen.content_type = hook.content_type;
    seen.insecure_ssl = hook.insecure_ssl;
    seen.has_secret = hook.has_secret;
    seen.events = hook.events;
    return seen;
}

asio::awaitable<doctor::HookSeen> look_at_hook(github::Standing& standing, github::Hook hook) {
    doctor::HookSeen seen;
    seen.name = name_of(hook);
    const bool of_app = hook.kind == github::HookTarget::app;
    const auto settings = co_await standing.get_hook(hook);
    seen.fault = fault_of(settings);
    if (!seen.fault) seen = seen_of(*settings->value, seen.name, of_app);
    seen.of_app = of_app;
    co_return seen;
}

asio::awaitable<doctor::LogSeen> look_at_log(github::GitHub& github, github::Hook hook) {
    doctor::LogSeen seen;
    seen.name = name_of(hook);
    std::string first;
    const auto log = co_await github.list_deliveries(hook, std::move(first));
    seen.fault = fault_of(log);
    if (seen.fault) co_return seen;
    for (const github::LoggedDelivery& one : log->value->deliveries)
        seen.newest.push_back({one.delivered_at, one.status_code, one.event, ""});
    co_return seen;
}

/// A repository of this webhook's that runs are known of.
std::string repository_for(const github::Hook& hook, const GitHubAbout& about) {
    if (hook.kind == github::HookTarget::repository) return hook.owner;
    if (!about.repository.empty()) return about.repository;
    for (const std::string& one : about.repositories)
        if (hook.kind == github::HookTarget::app || one.starts_with(hook.owner + "/")) return one;
    return {};
}

/// Those that deliveries came from, but for an App's, which is asked as the App.
std::vector<github::Hook> heard(const GitHubAbout& about) {
    std::vector<github::Hook> hooks;
    for (const store::HeardHook& one : about.hooks) {
        if (one.owner.empty() || hooks.size() == max_hooks) continue;
        if (one.kind == "repository")
            hooks.push_back({github::HookTarget::repository, one.owner, one.id});
        else if (one.kind == "organization")
            hooks.push_back({github::HookTarget::organization, one.owner, one.id});
    }
    return hooks;
}

asio::awaitable<void> look_at_one(GitHubAsked asked, github::Hook hook,
                                  std::shared_ptr<const GitHubAbout> about,
                                  std::shared_ptr<GitHubTold> told) {
    const doctor::HookSeen settings = co_await look_at_hook(asked.standing, hook);
    add(told->findings, doctor::judge_hook(settings, about->url, about->wanted));
    if (told->payload_url.empty()) told->payload_url = settings.url;
    doctor::LogSeen log = co_await look_at_log(asked.github, hook);
    for (const auto& one : log.newest)
        if (one.status == 401) told->refused_at = std::max(told->refused_at, std::optional(one.at));
    log.repository = repository_for(hook, *about);
    if (!log.fault && !log.repository.empty()) {
        const NewestRun newest = co_await newest_run_of(asked.github, log.repository);
        log.newest_run = newest.began;
    }
    add(told->findings, doctor::judge_log(log, about->now));
}

/// Of a repository from whose webhook nothing came yet.
asio::awaitable<void> find_hook(GitHubAsked asked, std::shared_ptr<const GitHubAbout> about,
                                std::shared_ptr<GitHubTold> told) {
    const std::string& repository = about->repository;
    const auto hooks = co_await asked.standing.list_hooks(repository);
    if (const auto fault = fault_of(hooks)) {
        told->findings.push_back(doctor::not_looked_at(
            doctor::Check::hook, "its webhooks cannot be read: " + doctor::in_words(*fault),
            "the right to read webhooks is needed (Webhooks: read, or admin:repo_hook)",
            repository));
        co_return;
    }
    for (const github::standing::HookSettings& one : *hooks->value) {
        const bool ours = about->url.empty() ? one.url.find("/webhooks/github") != std::string::npos
                                             : one.url == about->url;
        if (!ours) continue;
        const github::Hook hook{github::HookTarget::repository, repository, one.id};
        co_await look_at_one(asked, hook, about, told);
        co_return;
    }
    told->findings.push_back(doctor::wrong(
        doctor::Check::hook,
        "none of its " + std::to_string(hooks->value->size()) + " webhooks posts to " +
            (about->url.empty() ? "a path /webhooks/github" : about->url),
        "GitHub sends nothing of this repository, unless its organization or an App has a webhook",
        "add it: docs/github-setup.md, \"Where to put the webhook\"", repository));
}

asio::awaitable<void> look_as_app(GitHubAsked asked, std::shared_ptr<const GitHubAbout> about,
                                  std::shared_ptr<GitHubTold> told) {
    doctor::GitHubSeen seen;
    seen.as = doctor::GitHubSeen::As::app;
    const auto app = co_await asked.standing.get_app();
    seen.fault = fault_of(app);
    seen.app = seen.fault || app->value->slug.empty() ? about->access.app_id : app->value->slug;
    told->findings.push_back(doctor::judge_github(seen));
    if (seen.fault) co_return;
    doctor::AppSeen standing;
    standing.permissions = app->value->permissions;
    standing.events = app->value->events;
    const auto installations = co_await asked.standing.list_installations();
    if (!fault_of(installations)) {
        auto& known = standing.installations.emplace();
        for (const github::standing::Installation& one : *installations->value)
            known.push_back({one.account, one.suspended, one.permissions});
    }
    add(told->findings, doctor::judge_app(standing, about->wanted));
    const github::Hook own{github::HookTarget::app, "", ""};
    co_await look_at_one(asked, own, about, told);
}

asio::awaitable<void> look_as_token(GitHubAsked asked, std::shared_ptr<const GitHubAbout> about,
                                    std::shared_ptr<GitHubTold> told) {
    doctor::GitHubSeen seen;
    seen.as = doctor::GitHubSeen::As::token;
    const auto limit = co_await asked.standing.get_rate_limit();
    seen.fault = fault_of(limit);
    // A server without limits says so.
    if (seen.fault && seen.fault->status == 404) seen.fault.reset();
    told->findings.push_back(doctor::judge_github(seen));
    if (seen.fault) co_return;
    doctor::TokenSeen token;
    token.repository = !about->repository.empty()    ? about->repository
                       : about->repositories.empty() ? ""
                                                     : about->repositories.front();
    if (!token.repository.empty()) {
        const NewestRun newest = co_await newest_run_of(asked.github, token.repository);
        token.no_runs = newest.fault;
    }
    token.scopes = asked.watched.scopes();
    told->findings.push_back(doctor::judge_token(token, about->wanted));
    const auto hooks = heard(*about);
    for (const github::Hook& hook : hooks) co_await look_at_one(asked, hook, about, told);
    if (!hooks.empty()) co_return;
    if (!about->repository.empty()) {
        co_await find_hook(asked, about, told);
        co_return;
    }
    told->findings.push_back(doctor::not_looked_at(
        doctor::Check::hook, "no webhook is known yet: nothing has come from one",
        "name a repository whose webhook it is: --repository OWNER/NAME"));
}

}  // namespace

asio::awaitable<GitHubTold> look_at_github(GitHubAsked asked, GitHubAbout about) {
    const auto told = std::make_shared<GitHubTold>();
    const auto shared = std::make_shared<const GitHubAbout>(std::move(about));
    if (!shared->access.app_id.empty()) {
        co_await look_as_app(asked, shared, told);
    } else if (shared->access.token_given) {
        co_await look_as_token(asked, shared, told);
    } else {
        told->findings.push_back(doctor::judge_github({}));
    }
    co_return std::move(*told);
}

}  // namespace runs_agent::agent
