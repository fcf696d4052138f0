// SPDX-License-Identifier: MIT
#include "store/postgres/presence.hpp"

#include "postgres/connection.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <sys/eventfd.h>
#include <thread>
#include <unistd.h>

namespace runs_agent::store {

namespace {

using Steady = std::chrono::steady_clock;
using postgres::Connection;

/// A contended lane is free again as soon as a transaction of a few milliseconds has ended.
constexpr std::chrono::milliseconds soon{30};
constexpr std::chrono::milliseconds reconnect_pause{300};

}  // namespace

struct Presence::State {
    State(postgres::Target to, Replica who, std::chrono::milliseconds every)
        : target(std::move(to)),
          self(std::move(who)),
          beat(every),
          bell(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
    ~State() { ::close(bell); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    postgres::Target target;
    Replica self;
    std::chrono::milliseconds beat;
    int bell;  // wakes the thread
    std::atomic<bool> stopping{false};
    std::atomic<bool> ring_wanted{false};
    std::atomic<bool> others_wanted{false};
    std::mutex mutex;
    std::function<void()> changed;
    std::thread thread;

    // The thread's own.
    std::unique_ptr<Connection> connection;
    std::optional<Steady::time_point> ring_at;
    Steady::time_point last_beat{};
    Steady::time_point heard_since{};

    void work();
    void round();
    void connect();
    void say_that_it_is_there();
    void wait(Steady::time_point end);
    void call_back();
};

void Presence::State::call_back() {
    std::function<void()> call;
    {
        const std::lock_guard lock(mutex);
        call = changed;
    }
    if (call) call();
}

void Presence::State::connect() {
    connection = std::make_unique<Connection>(target, postgres::TimeLimits());
    // What a fail-over forgets of it is said again within the second.
    connection->execute("SET synchronous_commit = off; LISTEN runs_agent");
    // What was said while nobody listened.
    call_back();
}

void Presence::State::say_that_it_is_there() {
    const auto now = Steady::now();
    // It was stopped, or could not reach the server; and so it may have been with the others, who
    // may be well all the same. They get as long as it takes to be heard of again.
    if (now - last_beat > 3 * beat) heard_since = now;
    say_alive(*connection, self);
    last_beat = now;
    if (now - heard_since < self.silent_after) return;
    if (take_over(*connection, self) > 0) {
        ring(*connection);
        call_back();
    }
}

void Presence::State::wait(Steady::time_point end) {
    if (ring_wanted.exchange(false) && !ring_at) ring_at = Steady::now() + soon;
    if (ring_at) end = std::min(end, *ring_at);
    if (connection && connection->wait_for_notice(end, bell)) call_back();
    std::uint64_t rings = 0;
    // Nothing to read is as good.
    [[maybe_unused]] const auto size = ::read(bell, &rings, sizeof rings);
    if (ring_at && Steady::now() >= *ring_at) {
        ring_at.reset();
        call_back();
    }
    if (others_wanted.exchange(false)) ring(*connection);
}

void Presence::State::round() {
    if (!connection) connect();
    if (Steady::now() - last_beat >= beat) say_that_it_is_there();
    wait(last_beat + beat);
}

void Presence::State::work() {
    while (!stopping) {
        try {
            round();
        } catch (const postgres::PostgresError&) {
            // Who works on the store is told by its own requests; here it is tried again.
            connection.reset();
            if (!stopping) std::this_thread::sleep_for(reconnect_pause);
        }
    }
    try {
        if (connection) say_goodbye(*connection, self);
    } catch (const postgres::PostgresError&) {
        // Then it is silent, and that is noticed in time.
    }
}

Presence::Presence(postgres::Target target, Replica self, std::chrono::milliseconds beat)
    : state_(std::make_unique<State>(std::move(target), std::move(self), beat)) {
    state_->thread = std::thread([state = state_.get()] { state->work(); });
}

Presence::~Presence() {
    state_->stopping = true;
    ::eventfd_write(state_->bell, 1);
    state_->thread.join();
}

void Presence::on_change(std::function<void()> changed) {
    const std::lock_guard lock(state_->mutex);
    state_->changed = std::move(changed);
}

void Presence::ring_soon() {
    state_->ring_wanted = true;
    ::eventfd_write(state_->bell, 1);
}

void Presence::ring_others() {
    state_->others_wanted = true;
    ::eventfd_write(state_->bell, 1);
}

void ring(Connection& connection) {
    connection.execute("NOTIFY runs_agent");
}

}  // namespace runs_agent::store
