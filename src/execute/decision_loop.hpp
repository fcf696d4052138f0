// SPDX-License-Identifier: MIT
// Takes from the store what was accepted and not decided at once, has it decided, and records the
// decisions, oldest first. It can be stopped and started anywhere: what is undecided stays so in
// the store.
#pragma once

#include "base/awaitable.hpp"
#include "base/clock.hpp"
#include "base/wakeup.hpp"
#include "observe/log.hpp"
#include "store/store.hpp"

#include <functional>

namespace runs_agent::execute {

class DecisionLoop {
public:
    /// `on_planned` is called when there are new calls. All on `executor` (one thread).
    DecisionLoop(const boost::asio::any_io_executor& executor, store::Store& store,
                 store::Decider decider, Clock& clock, Log& log, std::function<void()> on_planned);

    /// Works until stop().
    Awaitable<void> run();

    /// There may be new deliveries.
    void wake() { wakeup_.notify(); }

    /// A delivery was decided as it was stored: says so, and has its calls executed.
    void decided(const store::Decided& one);

    /// Ends run() after the batch under way.
    void stop();

private:
    Awaitable<void> work();
    void report(const store::Decided& decided);

    store::Store& store_;
    store::Decider decider_;
    Clock& clock_;
    Log& log_;
    std::function<void()> on_planned_;
    Wakeup wakeup_;
    bool stopping_ = false;
};

}  // namespace runs_agent::execute
