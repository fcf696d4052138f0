// SPDX-License-Identifier: MIT
#include "webhooks/catching_up/round.hpp"

#include "webhooks/catching_up/looks.hpp"

#include <boost/asio/awaitable.hpp>

#include <algorithm>
#include <set>

namespace runs_agent::webhooks {

namespace asio = boost::asio;

CatchUpRound::CatchUpRound(store::Store& store, github::GitHub& github, const Clock& clock,
                           Log& log, const std::function<void()>& on_accepted,
                           CatchUpMemory& memory, const bool& stopping)
    : github_(github),
      memory_(memory),
      started_(clock.now()),
      budget_([&github](const std::string& owner) { return github.budget_of(owner); }, stopping),
      intake_(store, clock, log, on_accepted, memory, budget_),
      telling_(store, github, memory, budget_, intake_, stopping),
      hooks_(store, github, memory, budget_, intake_, telling_, started_),
      repositories_(store, github, log, memory, budget_, intake_, telling_, started_) {}

/// A large host takes several rounds, each of which goes on where the last one stopped.
std::optional<Time> CatchUpRound::seen_until() {
    if (!hooks_.hooks()) return std::nullopt;
    for (const std::string& hook : *hooks_.hooks()) memory_.seen.try_emplace(hook);
    std::set<std::string> current = *hooks_.hooks();
    for (const auto& [repository, since] : hooks_.fallen_back())
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
    // Hooks first: they say which repositories must be looked at instead. A look is recorded last,
    // so that a crash looks again and misses nothing.
    co_await hooks_.look();
    const bool whole = co_await repositories_.look(hooks_.fallen_back());
    if (whole)
        for (const auto& [hook, at] : hooks_.looked_with_repositories()) {
            co_await intake_.record_look(hook, at);
            memory_.logs.erase(hook);
        }
    CatchUpOutcome& outcome = intake_.outcome();
    outcome.cut_short = budget_.cut_short();
    outcome.pause = budget_.pause();
    outcome.seen_until = seen_until();
    co_return outcome;
}

}  // namespace runs_agent::webhooks
