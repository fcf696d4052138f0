// SPDX-License-Identifier: MIT
#include "webhooks/catching_up/catch_up.hpp"

#include "base/time_text.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <algorithm>

namespace runs_agent::webhooks {

namespace asio = boost::asio;

namespace {

using namespace std::chrono_literals;

/// What lasts need not be said as loudly each time.
constexpr std::chrono::hours said_again{24};
constexpr std::chrono::milliseconds pause_after_bug = 5min;
/// Whoever catches up for all may be gone.
constexpr std::chrono::milliseconds duty_asked_again = 15s;

}  // namespace

CatchUp::CatchUp(const asio::any_io_executor& executor, store::Store& store, github::GitHub& github,
                 Clock& clock, Log& log, Metrics& metrics, std::function<void()> on_accepted)
    : store_(store),
      github_(github),
      clock_(clock),
      log_(log),
      metrics_(metrics),
      on_accepted_(std::move(on_accepted)),
      wakeup_(executor) {}

void CatchUp::stop() {
    stopping_ = true;
    wakeup_.notify();
}

asio::awaitable<CatchUpOutcome> CatchUp::look() {
    CatchUpRound round(store_, github_, clock_, log_, on_accepted_, memory_, stopping_);
    CatchUpOutcome outcome = co_await round.run();
    count(outcome);
    if (stopping_) co_return outcome;
    say(outcome);
    // It never goes back: what was seen stays seen, though the next round finds more to look at.
    // Only a clock that was ahead, and has been set right, said something that cannot be.
    if (seen_until_ && *seen_until_ > clock_.now()) seen_until_.reset();
    seen_until_ = std::max(seen_until_, outcome.seen_until);
    co_return outcome;
}

void CatchUp::count(const CatchUpOutcome& outcome) {
    metrics_.catch_up_deliveries.add_many(static_cast<std::uint64_t>(outcome.accepted));
    metrics_.catch_up_lost.add_many(static_cast<std::uint64_t>(outcome.lost));
    for (const std::chrono::milliseconds age : outcome.ages)
        metrics_.event_age.observe(in_seconds(age), Metrics::Source::catch_up);
    if (stopping_) return;  // a round that was ended early says nothing of those to come
    metrics_.catch_up_rounds.add(outcome.failed      ? Metrics::Round::failed
                                 : outcome.cut_short ? Metrics::Round::cut_short
                                                     : Metrics::Round::whole);
}

/// Each matter by itself: one that lasts must not hide another that is new.
void CatchUp::say(const CatchUpOutcome& outcome) {
    const SteadyTime now = clock_.steady();
    // What a round that was cut short does not tell of may last all the same.
    std::erase_if(complaints_, [&](const auto& said) {
        const bool gone = !outcome.cut_short && !outcome.errors.contains(said.first);
        return gone || now - said.second >= said_again;
    });
    const std::string pause = to_words(outcome.pause);
    for (const auto& [key, words] : outcome.errors) {
        if (complaints_.try_emplace(key, now).second)
            log_.warn("catch_up.failed", {{"error", words}, {"next_in", pause}});
        else
            log_.debug("catch_up.failed", {{"error", words}, {"next_in", pause}});
    }
    if (outcome.accepted > 0)
        log_.info("catch_up.looked", {{"deliveries", outcome.accepted}, {"hooks", outcome.hooks}});
    else
        log_.debug("catch_up.looked", {{"deliveries", 0}, {"hooks", outcome.hooks}});
}

asio::awaitable<bool> CatchUp::take_duty() {
    const auto mine = co_await store_.takes_duty("catch-up");
    if (mine.has_error()) {
        // The round would need the store as well.
        log_.warn("catch_up.failed", {{"error", mine.error().message}});
        co_return false;
    }
    on_duty_ = *mine;
    // Another sees more from now on than this one did.
    if (!on_duty_) seen_until_.reset();
    co_return on_duty_;
}

asio::awaitable<void> CatchUp::run() {
    while (!stopping_) {
        std::chrono::milliseconds pause = pause_after_bug;
        try {
            if (co_await take_duty()) {
                const CatchUpOutcome outcome = co_await look();
                pause = outcome.pause;
            } else {
                pause = duty_asked_again;
            }
        } catch (const std::exception& bug) {
            metrics_.catch_up_rounds.add(Metrics::Round::failed);
            log_.error(
                "catch_up.broke_off",
                {{"error", std::string("a bug in catching up with missed webhooks: ") + bug.what()},
                 {"next_in", to_words(pause)}});
        }
        if (!stopping_) co_await wakeup_.wait_for(clock_, pause);
    }
}

}  // namespace runs_agent::webhooks
