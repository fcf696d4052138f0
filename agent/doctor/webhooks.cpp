// SPDX-License-Identifier: MIT
#include "agent/doctor/webhooks.hpp"

#include "base/text.hpp"
#include "doctor/hook_log.hpp"
#include "doctor/url.hpp"
#include "doctor/webhooks.hpp"

#include <boost/asio/awaitable.hpp>

#include <algorithm>

namespace runs_agent::agent {

namespace asio = boost::asio;
using github::Hook;
using github::HookTarget;
using github::standing::HookSettings;

namespace {

constexpr std::size_t max_hooks = 5;

void add(doctor::Findings& to, doctor::Findings more) {
    for (doctor::Finding& one : more) to.push_back(std::move(one));
}

std::string name_of(const Hook& hook) {
    if (hook.kind == HookTarget::app) return "the GitHub App's webhook";
    return "webhook " + hook.id + " of " + hook.owner;
}

doctor::HookSeen seen_of(const HookSettings& settings, const Hook& hook) {
    doctor::HookSeen seen;
    seen.name = name_of(hook);
    seen.of_app = hook.kind == HookTarget::app;
    seen.active = settings.active;
    seen.url = settings.url;
    seen.content_type = settings.content_type;
    seen.insecure_ssl = settings.insecure_ssl;
    seen.has_secret = settings.has_secret;
    seen.events = settings.events;
    return seen;
}

/// Which of them the store has. It is asked after GitHub, so what was taken has to be there.
asio::awaitable<void> look_for_them(doctor::LogSeen& seen, std::vector<std::string> guids,
                                    UnknownOf unknown_of) {
    if (!unknown_of || guids.empty()) co_return;
    const auto unknown = co_await unknown_of(guids);
    if (unknown.has_error()) co_return;
    for (std::size_t i = 0; i < guids.size(); ++i) {
        const bool absent = std::ranges::find(*unknown, guids[i]) != unknown->end();
        seen.newest[i].kept = absent ? doctor::Kept::no : doctor::Kept::yes;
    }
}

asio::awaitable<doctor::LogSeen> look_at_log(github::GitHub& github, Hook hook,
                                             UnknownOf unknown_of) {
    doctor::LogSeen seen;
    seen.name = name_of(hook);
    std::string first;
    const auto log = co_await github.list_deliveries(hook, std::move(first));
    seen.fault = fault_of(log);
    if (seen.fault) co_return seen;
    std::vector<std::string> guids;
    for (const github::LoggedDelivery& one : log->value->deliveries) {
        doctor::Logged entry{one.delivered_at, one.status_code, one.event, ""};
        entry.redelivery = one.redelivery;
        entry.action = one.action;
        seen.newest.push_back(std::move(entry));
        guids.push_back(one.guid);
    }
    seen.whole = log->value->next_cursor.empty();
    co_await look_for_them(seen, std::move(guids), std::move(unknown_of));
    co_return seen;
}

/// A repository of this webhook's that runs are known of.
std::string repository_for(const Hook& hook, const GitHubAbout& about) {
    if (hook.kind == HookTarget::repository) return hook.owner;
    if (!about.repository.empty()) return about.repository;
    for (const std::string& one : about.repositories)
        if (hook.kind == HookTarget::app || one.starts_with(hook.owner + "/")) return one;
    return {};
}

/// The organization, or the person, that a repository belongs to.
std::string account_of(const std::string& repository) {
    return repository.substr(0, repository.find('/'));
}

bool is_heard(const GitHubAbout& about, std::string_view kind, std::string_view owner) {
    return std::ranges::any_of(about.hooks, [&](const store::HeardHook& one) {
        return one.kind == kind && (owner.empty() || equals_ignoring_case(one.owner, owner));
    });
}

/// The first of a list that posts to us.
const HookSettings* ours(const std::vector<HookSettings>& hooks, const GitHubAbout& about) {
    const auto found = std::ranges::find_if(hooks, [&](const HookSettings& one) {
        return about.url.empty() ? one.url.find("/webhooks/github") != std::string::npos
                                 : doctor::is_same_place(one.url, about.url);
    });
    return found == hooks.end() ? nullptr : &*found;
}

bool was_looked_at(const GitHubTold& told, const std::string& id) {
    return std::ranges::find(told.looked_at, id) != told.looked_at.end();
}

/// Those of a person have no organization above them.
asio::awaitable<bool> is_a_persons(github::GitHub& github, std::string repository) {
    const auto found = co_await github.get_repository(std::move(repository));
    // Our own compact JSON, in whose values a quote is escaped.
    co_return !fault_of(found) && found->value->json.find(R"("type":"User")") != std::string::npos;
}

/// Is there one of the organization above, in `seen.told_by`, or could that not be seen?
asio::awaitable<void> look_above(GitHubAsked asked, HookLook look,
                                 std::shared_ptr<doctor::NoHookSeen> seen) {
    const std::string account = account_of(seen->owner);
    if (is_heard(*look.about, "organization", account)) {
        seen->told_by = "a webhook of " + account;
        co_return;
    }
    const auto hooks = co_await asked.standing.list_hooks(account);
    if (fault_of(hooks)) {
        const bool persons = co_await is_a_persons(asked.github, seen->owner);
        seen->above_unread = !persons;
        co_return;
    }
    const HookSettings* const found = ours(*hooks->value, *look.about);
    if (found == nullptr) co_return;
    const Hook hook{HookTarget::organization, account, found->id};
    seen->told_by = name_of(hook);
    if (was_looked_at(*look.told, found->id)) co_return;
    doctor::HookSeen settings = seen_of(*found, hook);
    co_await tell_of_hook(asked, hook, std::move(settings), look);
}

/// Looks for ours among those of a repository or an organization, and says so where there is none.
asio::awaitable<void> look_in_list(GitHubAsked asked, Hook known, HookLook look) {
    const auto seen = std::make_shared<doctor::NoHookSeen>();
    seen->owner = known.owner;
    seen->url = look.about->url;
    seen->app_heard = is_heard(*look.about, "integration", "");
    if (!known.id.empty()) seen->gone = name_of(known);
    const auto hooks = co_await asked.standing.list_hooks(known.owner);
    seen->fault = fault_of(hooks);
    if (!seen->fault) {
        const HookSettings* const found = ours(*hooks->value, *look.about);
        if (found != nullptr) {
            if (was_looked_at(*look.told, found->id)) co_return;
            const Hook hook{known.kind, known.owner, found->id};
            doctor::HookSeen settings = seen_of(*found, hook);
            co_await tell_of_hook(asked, hook, std::move(settings), look);
            co_return;
        }
        seen->others = hooks->value->size();
        if (known.kind == HookTarget::repository) co_await look_above(asked, look, seen);
    }
    look.told->findings.push_back(doctor::judge_no_hook(*seen));
}

}  // namespace

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

std::vector<Hook> heard_hooks(const GitHubAbout& about) {
    std::vector<Hook> hooks;  // the asked repository's own first
    std::vector<Hook> others;
    for (const store::HeardHook& one : about.hooks) {
        if (one.owner.empty()) continue;
        const bool own = equals_ignoring_case(one.owner, about.repository);
        std::vector<Hook>& among = own ? hooks : others;
        if (one.kind == "repository")
            among.push_back({HookTarget::repository, one.owner, one.id});
        else if (one.kind == "organization")
            among.push_back({HookTarget::organization, one.owner, one.id});
    }
    hooks.insert(hooks.end(), others.begin(), others.end());
    if (hooks.size() > max_hooks) hooks.resize(max_hooks);
    return hooks;
}

asio::awaitable<doctor::HookSeen> look_at_hook(github::Standing& standing, Hook hook) {
    const auto settings = co_await standing.get_hook(hook);
    doctor::HookSeen seen;
    seen.fault = fault_of(settings);
    if (!seen.fault) co_return seen_of(*settings->value, hook);
    seen.name = name_of(hook);
    seen.of_app = hook.kind == HookTarget::app;
    co_return seen;
}

asio::awaitable<void> tell_of_hook(GitHubAsked asked, Hook hook, doctor::HookSeen settings,
                                   HookLook look) {
    const GitHubAbout& about = *look.about;
    GitHubTold& told = *look.told;
    told.looked_at.push_back(hook.id);
    add(told.findings, doctor::judge_hook(settings, about.url, about.wanted));
    const bool meant = about.url.empty() ? told.payload_url.empty()
                                         : doctor::is_same_place(settings.url, about.url);
    if (meant && !settings.url.empty()) told.insecure_ssl = settings.insecure_ssl;
    if (told.payload_url.empty()) told.payload_url = settings.url;
    doctor::LogSeen log = co_await look_at_log(asked.github, hook, about.unknown_of);
    for (const auto& one : log.newest)
        if (one.status == 401) told.refused_at = std::max(told.refused_at, std::optional(one.at));
    log.repository = repository_for(hook, about);
    if (!log.fault && !log.repository.empty()) {
        const NewestRun newest = co_await newest_run_of(asked.github, log.repository);
        log.newest_run = newest.began;
    }
    add(told.findings, doctor::judge_log(log, about.now));
}

asio::awaitable<void> look_at_heard_hook(GitHubAsked asked, Hook hook, HookLook look) {
    doctor::HookSeen settings = co_await look_at_hook(asked.standing, hook);
    // Who may not read it gets a 404, too: the list, which takes the same right, tells them apart.
    if (settings.fault && settings.fault->status == 404)
        co_await look_in_list(asked, hook, look);
    else
        co_await tell_of_hook(asked, hook, std::move(settings), look);
}

asio::awaitable<void> find_hook(GitHubAsked asked, HookLook look) {
    if (is_heard(*look.about, "repository", look.about->repository)) co_return;
    const Hook any{HookTarget::repository, look.about->repository, ""};
    co_await look_in_list(asked, any, look);
}

}  // namespace runs_agent::agent
