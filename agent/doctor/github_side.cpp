// SPDX-License-Identifier: MIT
#include "agent/doctor/services.hpp"
#include "agent/doctor/webhooks.hpp"

#include <boost/asio/awaitable.hpp>

namespace runs_agent::agent {

namespace asio = boost::asio;

namespace {

void add(doctor::Findings& to, doctor::Findings more) {
    for (doctor::Finding& one : more) to.push_back(std::move(one));
}

/// Webhooks that are not an App's.
asio::awaitable<void> look_at_heard(GitHubAsked asked, HookLook look) {
    const std::vector<github::Hook> hooks = heard_hooks(*look.about);
    for (const github::Hook& hook : hooks) co_await look_at_heard_hook(asked, hook, look);
}

asio::awaitable<void> look_as_app(GitHubAsked asked, HookLook look) {
    const GitHubAbout& about = *look.about;
    doctor::GitHubSeen seen;
    seen.as = doctor::GitHubSeen::As::app;
    const auto app = co_await asked.standing.get_app();
    seen.fault = fault_of(app);
    seen.app = seen.fault || app->value->slug.empty() ? about.access.app_id : app->value->slug;
    look.told->findings.push_back(doctor::judge_github(seen));
    if (seen.fault) co_return;
    const github::Hook own{github::HookTarget::app, "", ""};
    doctor::HookSeen hook = co_await look_at_hook(asked.standing, own);
    hook.others_heard = !heard_hooks(about).empty();
    const bool none = doctor::has_no_hook(hook);
    doctor::AppSeen standing;
    standing.permissions = app->value->permissions;
    standing.events = app->value->events;
    standing.sends = !(none && hook.others_heard);
    const auto installations = co_await asked.standing.list_installations();
    if (!fault_of(installations)) {
        auto& known = standing.installations.emplace();
        for (const github::standing::Installation& one : *installations->value)
            known.push_back({one.account, one.suspended, one.permissions});
    }
    add(look.told->findings, doctor::judge_app(standing, about.wanted));
    if (none) {
        add(look.told->findings, doctor::judge_hook(hook, about.url, about.wanted));
        co_await look_at_heard(asked, look);
    } else {
        co_await tell_of_hook(asked, own, std::move(hook), look);
    }
}

asio::awaitable<void> look_as_token(GitHubAsked asked, HookLook look) {
    const GitHubAbout& about = *look.about;
    doctor::GitHubSeen seen;
    seen.as = doctor::GitHubSeen::As::token;
    const auto limit = co_await asked.standing.get_rate_limit();
    seen.fault = fault_of(limit);
    look.told->findings.push_back(doctor::judge_github(seen));
    if (look.told->findings.back().verdict != doctor::Verdict::ok) co_return;
    doctor::TokenSeen token;
    token.repository = !about.repository.empty()    ? about.repository
                       : about.repositories.empty() ? ""
                                                    : about.repositories.front();
    if (!token.repository.empty()) {
        const NewestRun newest = co_await newest_run_of(asked.github, token.repository);
        token.no_runs = newest.fault;
    }
    token.scopes = asked.watched.scopes();
    look.told->findings.push_back(doctor::judge_token(token, about.wanted));
    co_await look_at_heard(asked, look);
    if (!about.repository.empty())
        co_await find_hook(asked, look);
    else if (heard_hooks(about).empty())
        look.told->findings.push_back(doctor::not_looked_at(
            doctor::Check::hook, "no webhook is known yet: nothing has come from one",
            "name a repository whose webhook it is: --repository OWNER/NAME"));
}

}  // namespace

asio::awaitable<GitHubTold> look_at_github(GitHubAsked asked, GitHubAbout about) {
    HookLook look;
    look.told = std::make_shared<GitHubTold>();
    look.about = std::make_shared<const GitHubAbout>(std::move(about));
    if (!look.about->access.app_id.empty()) {
        co_await look_as_app(asked, look);
    } else if (look.about->access.token_given) {
        co_await look_as_token(asked, look);
    } else {
        look.told->findings.push_back(doctor::judge_github({}));
    }
    co_return std::move(*look.told);
}

}  // namespace runs_agent::agent
