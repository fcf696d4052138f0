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

    boost::asio::awaitable<void> wait_until(Clock& clock, Time when);

private:
    boost::asio::steady_timer bell_;  // never expires; being cancelled is its ring
    bool notified_ = false;
};

}  // namespace runs_agent
