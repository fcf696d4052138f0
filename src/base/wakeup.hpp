// SPDX-License-Identifier: MIT
// Lets one coroutine sleep until a time or until somebody has work for it, whichever comes first.
#pragma once

#include "base/clock.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

namespace runs_agent {

/// All calls on the executor's one thread (or strand).
class Wakeup {
public:
    explicit Wakeup(const boost::asio::any_io_executor& executor);

    /// Ends the wait under way, or the next one before it begins.
    void notify();

    /// Until a time of day. Where the clock may be set right between the reading that `when` is
    /// made of and this call, use wait_for().
    boost::asio::awaitable<void> wait_until(Clock& clock, Time when);
    /// For a while, however the time of day steps.
    boost::asio::awaitable<void> wait_for(Clock& clock, std::chrono::milliseconds pause);

private:
    boost::asio::steady_timer bell_;  // never expires; being cancelled is its ring
    bool notified_ = false;
};

}  // namespace runs_agent
