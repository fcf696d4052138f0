// SPDX-License-Identifier: MIT
// A clock that stands still until the test moves it.
#pragma once

#include "base/clock.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <list>

namespace runs_agent::tests {

class ManualClock final : public Clock {
public:
    explicit ManualClock(Time start = Time(std::chrono::hours(490'000))) : now_(start) {}

    Time now() const override { return now_; }
    SteadyTime steady() const override { return steady_; }

    boost::asio::awaitable<void> sleep_until(Time when) override {
        namespace asio = boost::asio;
        if (when <= now_) co_return;
        asio::steady_timer timer(co_await asio::this_coro::executor,
                                 asio::steady_timer::time_point::max());
        // A moment that never comes must not overflow.
        const bool never = when == Time::max();
        const SteadyTime until = never ? SteadyTime::max() : steady_ + (when - now_);
        const auto place = sleepers_.insert(sleepers_.end(), {until, &timer});
        co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
        sleepers_.erase(place);
    }

    /// Moves the time on and wakes whoever slept until then.
    void advance(std::chrono::milliseconds by) {
        now_ += by;
        steady_ += by;
        for (const Sleeper& sleeper : sleepers_)
            if (sleeper.until <= steady_) sleeper.timer->cancel();
    }

    /// Sets the time of day right, forth or back, as an administrator or NTP does; no time goes by.
    void step(std::chrono::milliseconds by) { now_ += by; }

    /// When the next sleeper wakes; Time::max() where nobody sleeps.
    Time next() const {
        SteadyTime first = SteadyTime::max();
        for (const Sleeper& sleeper : sleepers_) first = std::min(first, sleeper.until);
        return first == SteadyTime::max() ? Time::max() : now_ + (first - steady_);
    }

private:
    struct Sleeper {
        SteadyTime until;
        boost::asio::steady_timer* timer;
    };
    Time now_;
    SteadyTime steady_{std::chrono::hours(100)};
    std::list<Sleeper> sleepers_;
};

}  // namespace runs_agent::tests
