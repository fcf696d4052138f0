// SPDX-License-Identifier: MIT
#include "net/client/connection_pool.hpp"

#include <boost/asio/steady_timer.hpp>

#include <deque>
#include <map>

namespace runs_agent::net {

namespace asio = boost::asio;
using boost::system::error_code;
using SteadyClock = std::chrono::steady_clock;

namespace {

struct Idle {
    std::unique_ptr<ClientConnection> connection;
    SteadyClock::time_point until;
};

}  // namespace

struct ConnectionPool::State : std::enable_shared_from_this<State> {
    State(const asio::any_io_executor& executor, std::size_t m, std::chrono::milliseconds keep)
        : most(m), keep_for(keep), broom(executor) {}

    std::size_t most;
    std::chrono::milliseconds keep_for;
    std::map<std::string, std::deque<Idle>> idle;  // the longest idle in front
    asio::steady_timer broom;
    bool sweeping = false;

    void sweep();
    void sweep_later();
};

void ConnectionPool::State::sweep() {
    const auto now = SteadyClock::now();
    for (auto& [route, connections] : idle)
        while (!connections.empty() && connections.front().until <= now) connections.pop_front();
    std::erase_if(idle, [](const auto& entry) { return entry.second.empty(); });
}

void ConnectionPool::State::sweep_later() {
    if (sweeping || idle.empty()) return;
    sweeping = true;
    broom.expires_after(keep_for);
    broom.async_wait([weak = weak_from_this()](error_code cancelled) {
        const auto self = weak.lock();
        if (!self || cancelled) return;
        self->sweeping = false;
        self->sweep();
        self->sweep_later();
    });
}

ConnectionPool::ConnectionPool(const asio::any_io_executor& executor, std::size_t most,
                               std::chrono::milliseconds keep_for)
    : state_(std::make_shared<State>(executor, most, keep_for)) {}

ConnectionPool::~ConnectionPool() = default;

std::unique_ptr<ClientConnection> ConnectionPool::take(const std::string& route) {
    state_->sweep();
    const auto found = state_->idle.find(route);
    if (found == state_->idle.end()) return nullptr;
    auto& connections = found->second;
    std::unique_ptr<ClientConnection> fresh;
    while (!fresh && !connections.empty()) {
        if (!connections.back().connection->is_stale())
            fresh = std::move(connections.back().connection);
        connections.pop_back();
    }
    if (connections.empty()) state_->idle.erase(found);
    return fresh;
}

void ConnectionPool::put(const std::string& route, std::unique_ptr<ClientConnection> connection) {
    if (state_->most == 0) return;
    auto& connections = state_->idle[route];
    if (connections.size() >= state_->most) connections.pop_front();
    Idle entry{std::move(connection), SteadyClock::now() + state_->keep_for};
    connections.push_back(std::move(entry));
    state_->sweep_later();
}

}  // namespace runs_agent::net
