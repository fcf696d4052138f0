// SPDX-License-Identifier: MIT
// Connections that are idle and may be used again, by route.
#pragma once

#include "base/awaitable.hpp"
#include "net/client/connection.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace runs_agent::net {

/// All calls on the executor's one thread (or strand).
class ConnectionPool {
public:
    /// At most `most` connections a route, each for `keep_for`; then they are closed.
    ConnectionPool(const boost::asio::any_io_executor& executor, std::size_t most,
                   std::chrono::milliseconds keep_for);
    ~ConnectionPool();
    ConnectionPool(const ConnectionPool&) = delete;
    ConnectionPool& operator=(const ConnectionPool&) = delete;

    /// The connection of that route used last, which is the one most likely to be alive; null where
    /// there is none.
    [[nodiscard]] std::unique_ptr<ClientConnection> take(const std::string& route);

    void put(const std::string& route, std::unique_ptr<ClientConnection> connection);

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace runs_agent::net
