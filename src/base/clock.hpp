// The time, as something that is passed in: the daemon runs on SystemClock, tests and simulations
// on a clock of their own that moves when they say so.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <chrono>

namespace runs_agent {

/// Milliseconds since 1970-01-01T00:00:00Z, the precision of every time that is stored or shown.
using Time = std::chrono::sys_time<std::chrono::milliseconds>;

class Clock {
public:
    virtual ~Clock() = default;

    /// The time of day (UTC). From any thread.
    virtual Time now() const = 0;

    /// Waits on the caller's executor until now() >= when, or until the coroutine is cancelled,
    /// which ends the wait early and is not an error.
    virtual boost::asio::awaitable<void> sleep_until(Time when) = 0;
};

class SystemClock final : public Clock {
public:
    Time now() const override;
    boost::asio::awaitable<void> sleep_until(Time when) override;
};

}  // namespace runs_agent
