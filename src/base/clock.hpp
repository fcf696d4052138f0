// SPDX-License-Identifier: MIT
// The time, as something that is passed in: the daemon runs on SystemClock, tests and simulations
// on a clock of their own that moves when they say so.
#pragma once

#include "base/awaitable.hpp"
#include "base/time.hpp"

namespace runs_agent {

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
    virtual Awaitable<void> sleep_until(Time when) = 0;
};

class SystemClock final : public Clock {
public:
    Time now() const override;
    SteadyTime steady() const override;
    Awaitable<void> sleep_until(Time when) override;
};

}  // namespace runs_agent
