#include "webhooks/catch_up_round.hpp"

#include "webhooks/incoming.hpp"

#include <algorithm>

namespace runs_agent::webhooks {

namespace asio = boost::asio;

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds usual_pause = 5min;
constexpr std::chrono::milliseconds shortest_pause = 1s;
constexpr std::chrono::milliseconds longest_pause = 1h;
/// A read of the store at a time, so that no other waits long.
constexpr std::size_t guids_at_once = 500;
constexpr int most_unreachable = 3;

bool is_of(const std::string& repository, const std::string& login) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return repository.size() > login.size() && repository[login.size()] == '/' &&
           std::equal(login.begin(), login.end(), repository.begin(),
                      [lower](char a, char b) { return lower(a) == lower(b); });
}

std::string words_for(const github::Hook& hook) {
    if (hook.kind == github::HookOwner::app) return "the GitHub App's webhook";
    return "the webhook " + hook.id + " of " + hook.owner;
}

}  // namespace

CatchUpRound::CatchUpRound(store::Store& store, github::GitHub& github, const Clock& clock,
                           Log& log, const std::function<void()>& on_accepted,
                           CatchUpMemory& memory, const bool& stopping)
    : store_(store),
      github_(github),
      clock_(clock),
      log_(log),
      on_accepted_(on_accepted),
      memory_(memory),
      stopping_(stopping),
      started_(clock.now()) {}

void CatchUpRound::fail_with(const std::string& error) {
    outcome_.failed = true;
    if (outcome_.error.empty()) outcome_.error = error;
}

Verdict CatchUpRound::note(Verdict verdict, std::optional<std::chrono::milliseconds> retry_after,
                           const std::string& words) {
    if (verdict == Verdict::limited) {
        outcome_.pause =
            std::clamp(retry_after.value_or(usual_pause), shortest_pause, longest_pause);
        over_ = true;
    }
    // One answer that does not come may be its own fault; several in a row are GitHub's.
    unreachable_ = verdict == Verdict::unreachable ? unreachable_ + 1 : 0;
    if (unreachable_ >= most_unreachable) over_ = true;
    if (over_ || verdict == Verdict::failed || verdict == Verdict::unreachable) fail_with(words);
    return verdict;
}

asio::awaitable<CatchUpOutcome> CatchUpRound::run() {
    outcome_.pause = usual_pause;
    const auto hooks = co_await store_.hooks(github_.host(), started_ - heard_within);
    if (hooks.has_error()) {
        fail_with(hooks.error().message);
        co_return outcome_;
    }
    for (const store::HeardHook& hook : *hooks) {
        if (over()) break;
        co_await look_at(hook);
    }
    const bool whole = co_await look_at_repositories();
    if (whole)
        for (const std::string& hook : looked_with_repositories_) co_await looked(hook);
    co_return outcome_;
}

asio::awaitable<void> CatchUpRound::looked(std::string name) {
    if (over()) co_return;
    const auto written = co_await store_.looked(std::move(name), started_);
    if (written.has_error()) fail_with(written.error().message);
}

// ---- a hook's log -------------------------------------------------------------------------------

asio::awaitable<void> CatchUpRound::look_at(store::HeardHook hook) {
    ++outcome_.hooks;
    const std::string name = look_at_hook(github_.host(), hook);
    const auto last = co_await store_.last_look(name);
    if (last.has_error()) {
        fail_with(last.error().message);
        co_return;
    }
    const auto source = hook_of(hook);
    if (!source) {
        co_await fall_back(hook, *last);
        co_return;
    }
    DeliveryGroups groups(oldest_delivery(*last, started_));
    const Verdict read = co_await read_log(*source, groups);
    if (read == Verdict::not_permitted || read == Verdict::absent) {
        co_await fall_back(hook, *last);
        co_return;
    }
    if (read != Verdict::fine) co_return;
    const bool past = is_past_the_log(*last, started_);
    if (past) co_await fall_back(hook, *last);
    const bool whole = co_await fetch_all(hook, *source, groups.missed());
    if (!whole) co_return;
    // What the log does not hold any more, the repositories' runs must have told first.
    if (past)
        looked_with_repositories_.push_back(name);
    else
        co_await looked(name);
}

asio::awaitable<Verdict> CatchUpRound::read_log(github::Hook hook, DeliveryGroups& groups) {
    const std::string about = words_for(hook);
    std::string cursor;
    while (!over()) {
        const auto page = co_await github_.list_deliveries(hook, cursor);
        const Verdict verdict = take(about, page);
        if (verdict == Verdict::useless) fail_with(about + ": " + words_of(page));
        if (verdict != Verdict::fine) co_return verdict;
        const github::DeliveryLog& log = *page->value;
        const bool goes_on = groups.add(log.deliveries);
        if (!goes_on || log.next_cursor.empty() || log.next_cursor == cursor)
            co_return Verdict::fine;
        cursor = log.next_cursor;
    }
    co_return Verdict::failed;
}

asio::awaitable<bool> CatchUpRound::fetch_all(store::HeardHook hook, github::Hook source,
                                              std::vector<MissedDelivery> missed) {
    std::erase_if(missed,
                  [this](const MissedDelivery& one) { return memory_.lost.contains(one.guid); });
    bool whole = true;
    for (std::size_t from = 0; from < missed.size(); from += guids_at_once) {
        const std::size_t to = std::min(missed.size(), from + guids_at_once);
        std::vector<std::string> guids;
        for (std::size_t i = from; i < to; ++i) guids.push_back(missed[i].guid);
        const auto answer = co_await store_.not_stored(std::move(guids));
        if (answer.has_error()) {
            fail_with(answer.error().message);
            co_return false;
        }
        const std::set<std::string> unknown(answer->begin(), answer->end());
        outcome_.found += static_cast<int>(unknown.size());
        for (std::size_t i = from; i < to; ++i) {
            if (!unknown.contains(missed[i].guid)) continue;
            if (over()) co_return false;
            const bool had = co_await fetch(hook, source, missed[i]);
            whole = whole && had;
        }
    }
    co_return whole;
}

/// True where it need not be asked for again.
asio::awaitable<bool> CatchUpRound::fetch(store::HeardHook hook, github::Hook source,
                                          MissedDelivery missed) {
    const std::string about = words_for(source);
    std::string why;
    for (const std::int64_t id : missed.ids) {
        if (over()) co_return false;
        auto answer = co_await github_.get_delivery(source, id);
        const Verdict verdict = take(about, answer);
        if (verdict == Verdict::absent || verdict == Verdict::useless) {
            why = words_of(answer);
            continue;
        }
        if (verdict == Verdict::not_permitted) fail_with(about + ": " + words_of(answer));
        if (verdict != Verdict::fine) co_return false;
        Delivery delivery;
        delivery.guid = missed.guid;
        delivery.event = std::move(answer->value->event);
        delivery.host = github_.host();
        delivery.hook_id = hook.id;
        delivery.hook_kind = hook.kind;
        delivery.payload = std::move(answer->value->payload);
        co_return co_await accept(std::move(delivery));
    }
    memory_.lost.insert(missed.guid);
    log_.warn("catch_up.lost", {{"delivery", missed.guid}, {"error", why}});
    co_return true;
}

asio::awaitable<void> CatchUpRound::fall_back(store::HeardHook hook,
                                              std::optional<Time> last_look) {
    std::vector<std::string> repositories;
    if (hook.kind == "repository") {
        if (!hook.owner.empty()) repositories.push_back(hook.owner);
    } else {
        auto known = co_await store_.repositories(github_.host(), started_ - heard_within);
        if (known.has_error()) {
            fail_with(known.error().message);
            co_return;
        }
        for (std::string& repository : *known)
            if (hook.owner.empty() || is_of(repository, hook.owner))
                repositories.push_back(std::move(repository));
    }
    for (const std::string& repository : repositories) {
        auto [place, added] = fallen_back_.try_emplace(repository, last_look);
        if (!added) place->second = std::min(place->second, last_look);
    }
}

// ---- both ---------------------------------------------------------------------------------------

asio::awaitable<bool> CatchUpRound::accept(Delivery delivery) {
    const std::string guid = delivery.guid;
    const std::string event = delivery.event;
    auto made = make_delivery(std::move(delivery), clock_.now());
    if (made.has_error()) {
        memory_.lost.insert(guid);
        log_.warn("catch_up.lost", {{"delivery", guid}, {"error", made.error().message}});
        co_return true;
    }
    const bool to_decide = made->facts.has_value();
    const std::int64_t run_id = to_decide ? decide::run_of(*made->facts).run_id : 0;
    const int attempt = to_decide ? decide::attempt_of(*made->facts) : 0;
    const auto stored = co_await store_.accept(std::move(*made));
    if (stored.has_error()) {
        fail_with(stored.error().message);
        co_return false;
    }
    if (*stored == store::Accepted::duplicate) co_return true;  // it came by itself meanwhile
    ++outcome_.accepted;
    log_.info("catch_up.accepted",
              {{"delivery", guid}, {"run_id", run_id}, {"attempt", attempt}, {"event", event}});
    if (to_decide) on_accepted_();
    co_return true;
}

}  // namespace runs_agent::webhooks
