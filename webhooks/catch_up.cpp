#include "webhooks/catch_up.hpp"

#include "base/time_text.hpp"

namespace runs_agent::webhooks {

namespace asio = boost::asio;

CatchUp::CatchUp(const asio::any_io_executor& executor, store::Store& store, github::GitHub& github,
                 Clock& clock, Log& log, std::function<void()> on_accepted)
    : store_(store),
      github_(github),
      clock_(clock),
      log_(log),
      on_accepted_(std::move(on_accepted)),
      wakeup_(executor) {}

void CatchUp::stop() {
    stopping_ = true;
    wakeup_.notify();
}

asio::awaitable<CatchUpOutcome> CatchUp::look() {
    CatchUpRound round(store_, github_, clock_, log_, on_accepted_, memory_, stopping_);
    CatchUpOutcome outcome = co_await round.run();
    if (outcome.failed && !stopping_) {
        // What lasts need not be said as loudly each time.
        const bool known = outcome.error == complaint_;
        const std::string pause = to_words(outcome.pause);
        if (known)
            log_.debug("catch_up.failed", {{"error", outcome.error}, {"next_in", pause}});
        else
            log_.warn("catch_up.failed", {{"error", outcome.error}, {"next_in", pause}});
    }
    complaint_ = outcome.error;
    if (outcome.accepted > 0)
        log_.info("catch_up.looked", {{"deliveries", outcome.accepted}, {"hooks", outcome.hooks}});
    else
        log_.debug("catch_up.looked", {{"deliveries", 0}, {"hooks", outcome.hooks}});
    co_return outcome;
}

asio::awaitable<void> CatchUp::run() {
    while (!stopping_) {
        const CatchUpOutcome outcome = co_await look();
        if (!stopping_) co_await wakeup_.wait_until(clock_, clock_.now() + outcome.pause);
    }
}

}  // namespace runs_agent::webhooks
