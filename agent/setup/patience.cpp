// SPDX-License-Identifier: MIT
#include "agent/setup/patience.hpp"

#include "agent/cli/stop_signal.hpp"
#include "base/wakeup.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace runs_agent::agent::setup {

namespace asio = boost::asio;

struct Patience::State {
    State(const asio::any_io_executor& executor, Clock& told, std::function<void()> said)
        : clock(told), stop(executor), wakeup(executor), on_stop(std::move(said)) {}

    static asio::awaitable<void> heed(std::shared_ptr<State> state) {
        (void)co_await state->stop.wait();
        state->over = true;
        state->on_stop();
        state->wakeup.notify();
    }

    Clock& clock;
    StopSignal stop;
    Wakeup wakeup;
    std::function<void()> on_stop;
    bool over = false;
};

Patience::Patience(const asio::any_io_executor& executor, Clock& clock,
                   std::function<void()> on_stop)
    : state_(std::make_shared<State>(executor, clock, std::move(on_stop))) {
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
