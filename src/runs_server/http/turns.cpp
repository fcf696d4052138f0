// SPDX-License-Identifier: MIT
#include "runs_server/http/turns.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace runs_agent::runs_server {

namespace asio = boost::asio;

Turns::Turns() : state_(std::make_shared<State>()) {}

Turns::Turn::~Turn() {
    if (!state_) return;
    // Who has gone meanwhile holds its bell no more, and is passed over.
    while (!state_->waiting.empty()) {
        const auto bell = state_->waiting.front().lock();
        state_->waiting.pop_front();
        if (!bell) continue;
        bell->cancel();
        return;
    }
    state_->taken = false;
}

asio::awaitable<Turns::Turn> Turns::next() {
    const std::shared_ptr<State> state = state_;
    if (state->taken) {
        const auto executor = co_await asio::this_coro::executor;
        const auto bell =
            std::make_shared<asio::steady_timer>(executor, asio::steady_timer::time_point::max());
        state->waiting.push_back(bell);
        co_await bell->async_wait(asio::as_tuple(asio::use_awaitable));
    }
    state->taken = true;
    co_return Turn(state);
}

}  // namespace runs_agent::runs_server
