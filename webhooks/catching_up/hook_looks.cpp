// SPDX-License-Identifier: MIT
#include "webhooks/catching_up/hook_looks.hpp"

#include "base/text.hpp"
#include "webhooks/catching_up/looks.hpp"
#include "webhooks/catching_up/verdict.hpp"
#include "webhooks/deliveries/made_up.hpp"

#include <boost/asio/awaitable.hpp>

#include <algorithm>

namespace runs_agent::webhooks {

namespace asio = boost::asio;

namespace {

/// A read of the store at a time, so that no other waits long.
constexpr std::size_t guids_at_once = 500;
/// Deliveries of a log in a row that are not to be had now: then the rest waits too.
constexpr int max_in_vain = 3;

bool is_of(const std::string& repository, const std::string& login) {
    return repository.size() > login.size() && repository[login.size()] == '/' &&
           equals_ignoring_case(std::string_view(repository).substr(0, login.size()), login);
}

std::string words_for(const github::Hook& hook) {
    if (hook.kind == github::HookTarget::app) return "the GitHub App's webhook";
    return "the webhook " + hook.id + " of " + hook.owner;
}

}  // namespace

asio::awaitable<void> HookLooks::look() {
    auto hooks = co_await store_.hooks(github_.host(), started_ - heard_within);
    if (hooks.has_error()) {
        intake_.fail_with(hooks.error());
        co_return;
    }
    hooks_.emplace();
    std::map<std::pair<Time, std::string>, store::HeardHook> turns;  // by when it was asked last
    for (store::HeardHook& hook : *hooks) {
        const std::string name = look_at_hook(github_.host(), hook);
        const auto asked = memory_.asked.find(name);
        turns.emplace(std::pair(asked == memory_.asked.end() ? Time() : asked->second, name),
                      std::move(hook));
        hooks_->insert(name);
    }
    std::erase_if(memory_.logs, [&](const auto& log) { return !hooks_->contains(log.first); });
    std::erase_if(memory_.asked,
                  [&](const auto& one) { return one.second < started_ - heard_within; });
    // A part of the round is the repositories', where there are some to look at.
    const bool shares =
        std::any_of(memory_.seen.begin(), memory_.seen.end(),
                    [&](const auto& look) { return !hooks_->contains(look.first); });
    constexpr int all = RequestBudget::max_requests;
    budget_.begin_part(shares ? all / 2 : all);
    for (const auto& [turn, hook] : turns) co_await look_at(hook);
    budget_.begin_part(all);
}

asio::awaitable<void> HookLooks::look_at(store::HeardHook hook) {
    const std::string name = look_at_hook(github_.host(), hook);
    const auto source = hook_of(hook);
    if (source ? !budget_.is_open(source->owner) : budget_.over()) co_return;
    ++intake_.outcome().hooks;
    memory_.asked[name] = started_;
    const auto last = co_await store_.last_look(name);
    if (last.has_error()) {
        intake_.fail_with(last.error());
        co_return;
    }
    // A hook without a log has nothing to show; it is its repositories that are to be seen.
    if (!source) {
        intake_.seen(name, started_);
        co_await fall_back(hook, *last);
        co_return;
    }
    LogReading& reading =
        memory_.logs.try_emplace(name, oldest_delivery(*last, started_)).first->second;
    reading.begin(started_);
    const Verdict read = co_await read_log(*source, reading);
    const bool refused = read == Verdict::not_permitted || read == Verdict::absent;
    // Where GitHub does not take the place to go on at any more, the next round begins anew.
    if (refused || read == Verdict::useless) memory_.logs.erase(name);
    if (refused) intake_.seen(name, started_);
    if (refused) co_await fall_back(hook, *last);
    if (read != Verdict::fine) co_return;
    const bool past = is_past_the_log(*last, started_);
    if (past) co_await fall_back(hook, *last);
    const Time seen_at = reading.seen_at();
    const bool whole = co_await fetch_all(hook, *source, reading.missed());
    if (!whole) co_return;
    // What the log does not hold any more, the repositories' runs must have told first.
    if (past) {
        looked_with_repositories_.emplace_back(name, seen_at);
        co_return;
    }
    co_await intake_.record_look(name, seen_at);
    memory_.logs.erase(name);
}

asio::awaitable<Verdict> HookLooks::read_log(github::Hook hook, LogReading& reading) {
    const Subject subject{words_for(hook), hook.owner};
    while (const auto cursor = reading.cursor()) {
        if (!budget_.may_ask(subject.owner)) co_return Verdict::failed;
        const auto page = co_await github_.list_deliveries(hook, *cursor);
        const Verdict verdict = intake_.take(subject, page);
        if (verdict == Verdict::useless) intake_.fail_about(subject.about, page);
        if (verdict != Verdict::fine) co_return verdict;
        reading.add(*page->value);
    }
    co_return Verdict::fine;
}

/// True where nothing is left for a later round to have.
asio::awaitable<bool> HookLooks::fetch_all(store::HeardHook hook, github::Hook source,
                                           std::vector<MissedDelivery> missed) {
    bool whole = true;
    Gap gap = Gap::none;
    int in_vain = 0;
    for (std::size_t from = 0; from < missed.size(); from += guids_at_once) {
        const std::size_t to = std::min(missed.size(), from + guids_at_once);
        std::vector<std::string> guids;
        for (std::size_t i = from; i < to; ++i) guids.push_back(missed[i].guid);
        const auto answer = co_await store_.unknown_guids(std::move(guids));
        if (answer.has_error()) {
            intake_.fail_with(answer.error());
            co_return false;
        }
        const std::set<std::string> unknown(answer->begin(), answer->end());
        for (const std::string& guid : unknown)
            intake_.outcome().found += memory_.unrecoverable.contains(guid) ? 0 : 1;
        for (std::size_t i = from; i < to; ++i) {
            if (!unknown.contains(missed[i].guid)) continue;
            Recovery had = Recovery::unrecoverable;
            if (!memory_.unrecoverable.contains(missed[i].guid))
                had = co_await fetch(hook, source, missed[i], gap);
            if (had == Recovery::store_failed) co_return false;
            if (had == Recovery::unrecoverable && gap == Gap::none) gap = Gap::for_good;
            in_vain = had == Recovery::later ? in_vain + 1 : 0;
            if (had != Recovery::later) continue;
            gap = Gap::for_now;
            whole = false;
            if (in_vain >= max_in_vain || !budget_.is_open(source.owner)) co_return false;
        }
    }
    co_return whole;
}

asio::awaitable<Recovery> HookLooks::fetch(store::HeardHook hook, github::Hook source,
                                           MissedDelivery missed, Gap gap) {
    const Subject subject{words_for(source), source.owner};
    std::string why;
    for (const std::int64_t id : missed.ids) {
        if (!budget_.may_ask(subject.owner)) co_return Recovery::later;
        auto answer = co_await github_.get_delivery(source, id);
        const Verdict verdict = intake_.take(subject, answer);
        if (verdict == Verdict::absent || verdict == Verdict::useless) {
            why = words_of(answer);
            continue;
        }
        if (verdict == Verdict::not_permitted) intake_.fail_about(subject.about, answer);
        if (verdict != Verdict::fine) co_return Recovery::later;
        Delivery delivery;
        delivery.guid = missed.guid;
        delivery.event = std::move(answer->value->event);
        delivery.host = github_.host();
        delivery.hook_id = hook.id;
        delivery.hook_kind = hook.kind;
        delivery.payload = std::move(answer->value->payload);
        auto made = intake_.made_of(std::move(delivery));
        if (!made) co_return Recovery::unrecoverable;
        if (gap != Gap::none && made->facts) {
            const Recovery known = co_await store_newer_attempt(*made, gap);
            if (known != Recovery::stored) co_return known;
        }
        co_return co_await intake_.accept(std::move(*made));
    }
    co_return intake_.give_up_on(missed.guid, why);
}

/// What an older attempt left must be judged in the knowledge of the newer one, and one that is
/// missing may have told of it. So the run itself is asked for. Stored: it is known.
asio::awaitable<Recovery> HookLooks::store_newer_attempt(store::NewDelivery older, Gap gap) {
    const std::int64_t run_id = decide::run_of(*older.facts).run_id;
    const int attempt = decide::attempt_of(*older.facts);
    std::vector<std::int64_t> ids{run_id};
    const auto heard = co_await store_.heard_attempts(github_.host(), std::move(ids));
    if (heard.has_error()) {
        intake_.fail_with(heard.error());
        co_return Recovery::store_failed;
    }
    for (const store::HeardAttempt& known : *heard)
        if (known.known.attempt > attempt) co_return Recovery::stored;
    if (!budget_.may_ask_of(older.repository)) co_return Recovery::later;
    auto run = co_await github_.get_workflow_run(older.repository, run_id);
    const Verdict verdict = intake_.take({older.repository, older.repository}, run);
    if (verdict == Verdict::fine) {
        if (run->value->attempt <= attempt) co_return Recovery::stored;
        const std::string guid = guid_for(*run->value);
        std::vector<github::WorkflowRun> newest;
        newest.push_back(std::move(*run->value));
        const bool told = co_await telling_.store_news(older.repository, std::move(newest));
        if (!told) co_return Recovery::later;
        if (!memory_.unrecoverable.contains(guid)) co_return Recovery::stored;
        co_return intake_.give_up_on(older.guid,
                                     "its run has a newer attempt, which cannot be told of");
    }
    const bool refused = verdict == Verdict::absent || verdict == Verdict::not_permitted ||
                         verdict == Verdict::useless;
    if (refused && gap == Gap::for_good)
        co_return intake_.give_up_on(older.guid,
                                     "a later delivery is lost, and whether its run was begun anew "
                                     "cannot be asked: " +
                                         words_of(run));
    if (refused) intake_.fail_about(older.repository, run);
    co_return Recovery::later;
}

asio::awaitable<void> HookLooks::fall_back(store::HeardHook hook, std::optional<Time> last_look) {
    std::vector<std::string> repositories;
    if (hook.kind == "repository") {
        if (!hook.owner.empty()) repositories.push_back(hook.owner);
    } else {
        auto known = co_await store_.repositories(github_.host(), started_ - heard_within);
        if (known.has_error()) {
            intake_.fail_with(known.error());
            co_return;
        }
        for (std::string& repository : *known)
            if (hook.owner.empty() || is_of(repository, hook.owner))
                repositories.push_back(std::move(repository));
    }
    for (const std::string& repository : repositories) {
        memory_.seen.try_emplace(look_at_runs(github_.host(), repository));
        auto [place, added] = fallen_back_.try_emplace(repository, last_look);
        if (!added) place->second = std::min(place->second, last_look);
    }
}

}  // namespace runs_agent::webhooks
