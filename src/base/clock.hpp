// The time, as something that is passed in: the daemon runs on SystemClock, tests and simulations
// on a clock of their own that moves when they say so.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <chrono>

namespace runs_agent {

/// Milliseconds since 1970-01-01T00:00:00Z, the precision of every time that is stored or shown.
using Time = std::chrono::sys_time<std::chrono::milliseconds>;

/// Milliseconds since some moment before the program began. For ages and pauses: the time of day
/// steps when it is set right, back and forth, and this does not.
using SteadyTime = std::chrono::time_point<std::chrono::steady_clock, std::chrono::milliseconds>;

class Clock {
public:
    virtual ~Clock() = default;

    /// The time of day (UTC): for what is stored, shown, or compared with somebody else's times.
    /// From any thread.
    virtual Time now() const = 0;

    /// How far time has gone on; never goes back. From any thread.
    virtual SteadyTime steady() const = 0;

    /// Waits on the caller's executor as long as it is until `when` by now(), or until the
    /// coroutine is cancelled, which ends the wait early and is not an error. A step of the time of
    /// day during the wait changes nothing.
    virtual boost::asio::awaitable<void> sleep_until(Time when) = 0;
};

class SystemClock final : public Clock {
public:
    Time now() const override;
    SteadyTime steady() const override;
    boost::asio::awaitable<void> sleep_until(Time when) override;
};

}  // namespace runs_agent
