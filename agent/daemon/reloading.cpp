// SPDX-License-Identifier: MIT
#include "agent/daemon/reloading.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <csignal>

namespace runs_agent::agent {

namespace asio = boost::asio;

struct Reloading::State : std::enable_shared_from_this<State> {
    State(const asio::any_io_executor& executor, Read reads, Use uses, const Clock& the_clock,
          Log& the_log, Metrics& the_metrics)
        : signals(executor, SIGHUP),
          read(std::move(reads)),
          use(std::move(uses)),
          clock(the_clock),
          log(the_log),
          metrics(the_metrics) {}

    asio::signal_set signals;
    Read read;
    Use use;
    const Clock& clock;
    Log& log;
    Metrics& metrics;
    asio::thread_pool elsewhere{1};
    bool stopped = false;

    static asio::awaitable<void> run(std::shared_ptr<State> state);
    static asio::awaitable<Result<config::Configuration>> read_elsewhere(Read read);
    void take(Result<config::Configuration> found);
};

asio::awaitable<Result<config::Configuration>> Reloading::State::read_elsewhere(Read read) {
    co_return read();
}

asio::awaitable<void> Reloading::State::run(std::shared_ptr<State> state) {
    while (!state->stopped) {
        const auto waited = co_await state->signals.async_wait(asio::as_tuple(asio::use_awaitable));
        if (std::get<0>(waited) || state->stopped) co_return;
        auto reading = read_elsewhere(state->read);
        auto found =
            co_await asio::co_spawn(state->elsewhere, std::move(reading), asio::use_awaitable);
        if (!state->stopped) state->take(std::move(found));
    }
}

void Reloading::State::take(Result<config::Configuration> found) {
    metrics.reload_succeeded = found.has_value();
    if (found.has_error()) {
        log.error("config.reload_failed",
                  {{"error", found.error().message}, {"note", "what was in force stays so"}});
        return;
    }
    use(std::move(*found));
    metrics.last_reload = clock.now();
    log.info("config.reloaded");
}

Reloading::Reloading(const asio::any_io_executor& executor, Read read, Use use, const Clock& clock,
                     Log& log, Metrics& metrics)
    : state_(
          std::make_shared<State>(executor, std::move(read), std::move(use), clock, log, metrics)) {
    asio::co_spawn(executor, State::run(state_), asio::detached);
}

Reloading::~Reloading() {
    stop();
}

void Reloading::stop() {
    state_->stopped = true;
    // The signal stays taken, and does nothing: a daemon that is stopping must not die of it.
    state_->signals.cancel();
}

}  // namespace runs_agent::agent
