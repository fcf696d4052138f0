// SPDX-License-Identifier: MIT
#include "agent/setup/patience.hpp"

#include "agent/cli/stop_signal.hpp"
#include "base/wakeup.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace runs_agent::agent::setup {

namespace asio = boost::asio;

struct Patience::State {
    State(const asio::any_io_executor& executor, Clock& told)
        : clock(told), stop(executor), wakeup(executor) {}

    static asio::awaitable<void> heed(std::shared_ptr<State> state) {
        (void)co_await state->stop.wait();
        state->over = true;
        state->wakeup.notify();
    }

    Clock& clock;
    StopSignal stop;
    Wakeup wakeup;
    bool over = false;
};

Patience::Patience(const asio::any_io_executor& executor, Clock& clock)
    : state_(std::make_shared<State>(executor, clock)) {
    asio::co_spawn(executor, State::heed(state_), asio::detached);
}

bool Patience::over() const {
    return state_->over;
}

asio::awaitable<void> Patience::wait(std::chrono::milliseconds pause) {
    const auto state = state_;
    if (!state->over) co_await state->wakeup.wait_for(state->clock, pause);
}

void Patience::notify() {
    state_->wakeup.notify();
}

}  // namespace runs_agent::agent::setup
