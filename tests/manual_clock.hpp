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

    boost::asio::awaitable<void> sleep_until(Time when) override {
        namespace asio = boost::asio;
        if (when <= now_) co_return;
        asio::steady_timer timer(co_await asio::this_coro::executor,
                                 asio::steady_timer::time_point::max());
        const auto place = sleepers_.insert(sleepers_.end(), {when, &timer});
        co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
        sleepers_.erase(place);
    }

    /// Moves the time on and wakes whoever slept until then.
    void advance(std::chrono::milliseconds by) {
        now_ += by;
        for (const Sleeper& sleeper : sleepers_)
            if (sleeper.until <= now_) sleeper.timer->cancel();
    }

    /// Sets the time of day back, as a person or NTP may. Who sleeps does so by a steady clock, as
    /// on SystemClock, and wakes after what it has left.
    void set_back(std::chrono::milliseconds by) {
        now_ -= by;
        for (Sleeper& sleeper : sleepers_) sleeper.until -= by;
    }

    /// When the next sleeper wakes; Time::max() where nobody sleeps.
    Time next() const {
        Time first = Time::max();
        for (const Sleeper& sleeper : sleepers_) first = std::min(first, sleeper.until);
        return first;
    }

private:
    struct Sleeper {
        Time until;
        boost::asio::steady_timer* timer;
    };
    Time now_;
    std::list<Sleeper> sleepers_;
};

}  // namespace runs_agent::tests
