// SPDX-License-Identifier: MIT
#include "runs_server/runs/remover.hpp"

#include "base/wakeup.hpp"
#include "runs_server/runs/delete_run.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace runs_agent::runs_server {

namespace asio = boost::asio;

namespace {

/// After a portion that could not be removed.
constexpr std::chrono::seconds trouble_pause{30};
/// Where nobody wakes it.
constexpr std::chrono::hours poll{1};

}  // namespace

/// Outlives the Remover for as long as its coroutine is under way; what it refers to does not, and
/// is touched no more once it is `left`.
struct Remover::State {
    State(const asio::any_io_executor& ex, sqlite::Worker& db, Clock& c, Log& l)
        : executor(ex), database(db), clock(c), log(l), wakeup(ex), ended(ex) {}

    asio::any_io_executor executor;
    sqlite::Worker& database;
    Clock& clock;
    Log& log;
    Wakeup wakeup;
    Wakeup ended;
    bool running = false;
    bool stopping = false;
    bool left = false;

    static asio::awaitable<void> run(std::shared_ptr<State> self);
    asio::awaitable<std::chrono::milliseconds> remove();
    void broke_off(const std::exception& bug);
};

/// A portion; returns how long to wait for the next.
asio::awaitable<std::chrono::milliseconds> Remover::State::remove() {
    // Named, as g++ 12 copies a temporary closure of a co_await expression bit by bit.
    const std::function<Result<bool>(sqlite::Database&)> job =
        [](sqlite::Database& db) -> Result<bool> { return remove_some(db); };
    const Result<bool> more = co_await database.write(job);
    if (stopping || more.has_value())
        co_return more.has_value() && *more ? std::chrono::milliseconds(0) : poll;
    log.limited(LogLevel::error, "api.remove_failed", {{"error", more.error().message}});
    co_return trouble_pause;
}

/// To the end of all: whatever is thrown, it goes on after a pause.
asio::awaitable<void> Remover::State::run(std::shared_ptr<State> self) {
    std::chrono::milliseconds pause{0};
    while (!self->stopping) {
        try {
            if (pause.count() > 0) co_await self->wakeup.wait_for(self->clock, pause);
            if (self->stopping) break;
            pause = trouble_pause;
            pause = co_await self->remove();
        } catch (const std::exception& bug) {
            if (self->left) co_return;
            self->broke_off(bug);
        }
    }
    self->running = false;
    self->ended.notify();
}

void Remover::State::broke_off(const std::exception& bug) {
    try {
        log.limited(LogLevel::error, "api.remove_failed", {{"error", bug.what()}});
    } catch (const std::exception&) {
        // There is not even the memory to tell of it.
    }
}

Remover::Remover(const asio::any_io_executor& executor, sqlite::Worker& database, Clock& clock,
                 Log& log)
    : state_(std::make_shared<State>(executor, database, clock, log)) {}

Remover::~Remover() {
    state_->stopping = state_->left = true;
    state_->wakeup.notify();
}

void Remover::start() {
    state_->running = true;
    asio::co_spawn(state_->executor, State::run(state_), asio::detached);
}

void Remover::wake() {
    state_->wakeup.notify();
}

asio::awaitable<void> Remover::stop(std::chrono::milliseconds bound) {
    State& state = *state_;
    state.stopping = true;
    state.wakeup.notify();
    const SteadyTime end = state.clock.steady() + bound;
    while (state.running && state.clock.steady() < end) {
        const std::chrono::milliseconds rest = end - state.clock.steady();
        co_await state.ended.wait_for(state.clock, rest);
    }
}

}  // namespace runs_agent::runs_server
