// SPDX-License-Identifier: MIT
#include "agent/action/doing/interrupt.hpp"

#include "base/time_text.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>

namespace runs_agent::agent::action {

namespace asio = boost::asio;
using std::chrono::milliseconds;

namespace {

/// Returns the signal's name when its grace is over.
asio::awaitable<std::string> stopped(asio::awaitable<std::string> signal, Clock& clock,
                                     Retrier::Say say) {
    std::string name = co_await std::move(signal);
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) co_return name;  // the work has ended
    const milliseconds grace = grace_after(name);
    say(name + ": asked to stop; what was begun has another " + to_words(grace));
    co_await clock.sleep_until(clock.now() + grace);
    co_return name;
}

}  // namespace

milliseconds grace_after(const std::string& signal) {
    constexpr milliseconds before_sigterm{5'000};
    constexpr milliseconds before_the_end{1'500};
    return signal == "SIGINT" ? before_sigterm : before_the_end;
}

asio::awaitable<Outcome> until_stopped(asio::awaitable<Outcome> work,
                                       asio::awaitable<std::string> signal, Clock& clock,
                                       Retrier::Say say) {
    using namespace asio::experimental::awaitable_operators;
    auto first = co_await (std::move(work) || stopped(std::move(signal), clock, std::move(say)));
    if (auto* const outcome = std::get_if<0>(&first)) co_return std::move(*outcome);
    co_return failed(fail(Errc::stopping, "stopped by " + std::get<1>(first) +
                                              " before the service had answered; what was asked "
                                              "may have been done or not"));
}

}  // namespace runs_agent::agent::action
