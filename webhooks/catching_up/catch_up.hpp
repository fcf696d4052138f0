// SPDX-License-Identifier: MIT
// GitHub does not deliver again by itself, so the agent asks for what it missed: at its start, and
// every few minutes. Nothing needs to be sent again: a missed delivery is read from the hook's log,
// or made up from the run it would have told of, and stored as if it had come.
// Source: docs.github.com, "Handling failed webhook deliveries".
#pragma once

#include "base/awaitable.hpp"
#include "base/clock.hpp"
#include "base/wakeup.hpp"
#include "observe/metrics.hpp"
#include "webhooks/catching_up/round.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>

namespace runs_agent::webhooks {

class CatchUp {
public:
    /// `on_accepted` is called when something that is to be decided was stored. All on `executor`
    /// (one thread).
    CatchUp(const boost::asio::any_io_executor& executor, store::Store& store,
            github::GitHub& github, Clock& clock, Log& log, Metrics& metrics,
            std::function<void()> on_accepted);

    /// Looks at once, and then again after each pause, until stop(). A bug in a round ends that
    /// round alone: deliveries must come in and be decided all the same.
    Awaitable<void> run();

    /// One round.
    Awaitable<CatchUpOutcome> look();

    /// Until then all that there was has been seen; absent: not all was, since the start.
    std::optional<Time> seen_until() const { return seen_until_; }

    /// Of those who share the store one alone catches up (Store::takes_duty): is it this one, as
    /// far as is known?
    bool is_on_duty() const { return on_duty_; }

    /// Ends run() after the request under way.
    void stop();

private:
    Awaitable<bool> take_duty();
    void say(const CatchUpOutcome& outcome);
    void count(const CatchUpOutcome& outcome);

    store::Store& store_;
    github::GitHub& github_;
    Clock& clock_;
    Log& log_;
    Metrics& metrics_;
    std::function<void()> on_accepted_;
    CatchUpMemory memory_;
    std::map<std::string, SteadyTime> complaints_;  // when a person was told of them
    std::optional<Time> seen_until_;
    Wakeup wakeup_;
    bool stopping_ = false;
    bool on_duty_ = true;
};

}  // namespace runs_agent::webhooks
