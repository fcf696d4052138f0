// SPDX-License-Identifier: MIT
#include "execute/decision_loop.hpp"

#include "execute/keep_working.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

namespace runs_agent::execute {

namespace {

constexpr int batch = 64;
/// Deliveries opened again by another process (a replay) are found after this.
constexpr std::chrono::milliseconds poll{2'000};

}  // namespace

DecisionLoop::DecisionLoop(const boost::asio::any_io_executor& executor, store::Store& store,
                           store::Decider decider, Clock& clock, Log& log,
                           std::function<void()> on_planned)
    : store_(store),
      decider_(std::move(decider)),
      clock_(clock),
      log_(log),
      on_planned_(std::move(on_planned)),
      wakeup_(executor) {}

void DecisionLoop::stop() {
    stopping_ = true;
    wakeup_.notify();
}

void DecisionLoop::report(const store::Decided& decided) {
    log_.info("delivery.decided", {{"delivery", decided.guid},
                                   {"run_id", decided.run.run_id},
                                   {"attempt", decided.attempt},
                                   {"rule", decide::to_string(decided.decision.rule)},
                                   {"calls", decided.decision.calls.size()},
                                   {"reason", decided.decision.reason}});
}

void DecisionLoop::decided(const store::Decided& one) {
    if (!one.decision.calls.empty()) on_planned_();
    report(one);
}

/// Decides a batch, and waits where there was no more than that.
boost::asio::awaitable<void> DecisionLoop::work() {
    const auto decided = co_await store_.decide_next(decider_, clock_.now(), batch);
    if (decided.has_error()) {
        log_.error("decisions.failed", {{"error", decided.error().message}});
        if (!stopping_) co_await wakeup_.wait_until(clock_, clock_.now() + poll);
        co_return;
    }
    // Before anything is said of them: they are recorded, and wait to be executed.
    for (const store::Decided& one : *decided)
        if (!one.decision.calls.empty()) {
            on_planned_();
            break;
        }
    {
        const Log::Together together(log_);
        for (const store::Decided& one : *decided) report(one);
    }
    if (decided->size() < static_cast<std::size_t>(batch) && !stopping_)
        co_await wakeup_.wait_until(clock_, clock_.now() + poll);
}

// What a bug kept from being recorded is still undecided; the rest needs nothing more.
boost::asio::awaitable<void> DecisionLoop::run() {
    AfterBug after{.event = "decisions.broke_off", .doing = "deciding", .pause = poll};
    co_await keep_working([this] { return work(); }, stopping_, wakeup_, clock_, log_,
                          std::move(after));
}

}  // namespace runs_agent::execute
