// SPDX-License-Identifier: MIT
#include "runs_server/http/one_by_one.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <deque>

namespace runs_agent::runs_server {

namespace asio = boost::asio;

namespace {

struct Waiter {
    asio::steady_timer bell;
    bool has_turn = false;
};

}  // namespace

struct OneByOne::State {
    bool taken = false;
    std::deque<std::weak_ptr<Waiter>> waiting;
};

OneByOne::OneByOne() : state_(std::make_shared<State>()) {}

OneByOne::Turn::~Turn() {
    if (!state_) return;
    // Who has gone meanwhile holds its place no more, and is passed over.
    while (!state_->waiting.empty()) {
        const auto next = state_->waiting.front().lock();
        state_->waiting.pop_front();
        if (!next) continue;
        next->has_turn = true;
        next->bell.cancel();
        return;
    }
    state_->taken = false;
}

asio::awaitable<std::optional<OneByOne::Turn>> OneByOne::next(std::chrono::milliseconds bound) {
    const std::shared_ptr<State> state = state_;
    if (state->taken) {
        const auto executor = co_await asio::this_coro::executor;
        const auto self = std::make_shared<Waiter>(asio::steady_timer(executor, bound));
        state->waiting.push_back(self);
        co_await self->bell.async_wait(asio::as_tuple(asio::use_awaitable));
        if (!self->has_turn) co_return std::nullopt;
    }
    state->taken = true;
    co_return Turn(state);
}

}  // namespace runs_agent::runs_server
