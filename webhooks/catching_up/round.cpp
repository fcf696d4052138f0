#include "webhooks/catching_up/round.hpp"

#include "webhooks/catching_up/looks.hpp"
#include "webhooks/deliveries/incoming.hpp"

#include <algorithm>

namespace runs_agent::webhooks {

namespace asio = boost::asio;

namespace {

constexpr std::size_t most_errors = 50;

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
      started_(clock.now()),
      budget_([&github](const std::string& owner) { return github.budget_of(owner); }, stopping) {
}

void CatchUpRound::complain(const std::string& key, const std::string& words) {
    if (outcome_.errors.size() < most_errors) outcome_.errors.emplace(key, words);
}

void CatchUpRound::fail_with(const std::string& key, const std::string& words) {
    outcome_.failed = true;
    complain(key, words);
}

/// A large host takes several rounds, each of which goes on where the last one stopped.
std::optional<Time> CatchUpRound::seen_until() {
    if (!hooks_) return std::nullopt;
    for (const std::string& hook : *hooks_) memory_.seen.try_emplace(hook);
    std::set<std::string> current = *hooks_;
    for (const auto& [repository, since] : fallen_back_)
        current.insert(look_at_runs(github_.host(), repository));
    // Where not each hook was asked, it is not known which repositories need no look any more.
    std::erase_if(memory_.seen, [&](const auto& look) {
        const bool is_hook = look.first.starts_with("hook ");
        return !current.contains(look.first) && (is_hook || !budget_.cut_short());
    });
    Time until = started_;
    for (const auto& [look, at] : memory_.seen) until = std::min(until, at);
    return until == Time() ? std::nullopt : std::optional(until);
}

asio::awaitable<CatchUpOutcome> CatchUpRound::run() {
    co_await look_at_hooks();
    const bool whole = co_await look_at_repositories();
    if (whole)
        for (const auto& [hook, at] : looked_with_repositories_) {
            co_await looked(hook, at);
            memory_.logs.erase(hook);
        }
    outcome_.cut_short = budget_.cut_short();
    outcome_.pause = budget_.pause();
    outcome_.seen_until = seen_until();
    co_return outcome_;
}

asio::awaitable<void> CatchUpRound::looked(std::string name, Time at) {
    const auto written = co_await store_.looked(name, at);
    if (written.has_error())
        fail_with(written.error());
    else
        seen(name, at);
}

// ---- what both halves do with a delivery --------------------------------------------------------

CatchUpRound::Had CatchUpRound::lose(const std::string& guid, const std::string& why) {
    memory_.lost.insert(guid);
    log_.warn("catch_up.lost", {{"delivery", guid}, {"error", why}});
    return Had::lost;
}

std::optional<store::NewDelivery> CatchUpRound::made_of(Delivery delivery) {
    const std::string guid = delivery.guid;
    auto made = make_delivery(std::move(delivery), clock_.now());
    if (made.has_value()) return std::move(*made);
    lose(guid, made.error().message);
    return std::nullopt;
}

asio::awaitable<CatchUpRound::Had> CatchUpRound::accept(store::NewDelivery delivery) {
    const std::string guid = delivery.guid;
    const std::string event = delivery.event;
    const bool to_decide = delivery.facts.has_value();
    const std::int64_t run_id = to_decide ? decide::run_of(*delivery.facts).run_id : 0;
    const int attempt = to_decide ? decide::attempt_of(*delivery.facts) : 0;
    const auto stored = co_await store_.accept(std::move(delivery));
    if (stored.has_error()) {
        fail_with(stored.error());
        co_return Had::no_store;
    }
    if (*stored == store::Accepted::duplicate)
        co_return Had::stored;  // it came by itself meanwhile
    ++outcome_.accepted;
    log_.info("catch_up.accepted",
              {{"delivery", guid}, {"run_id", run_id}, {"attempt", attempt}, {"event", event}});
    if (to_decide) on_accepted_();
    co_return Had::stored;
}

}  // namespace runs_agent::webhooks
