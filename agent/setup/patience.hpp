// SPDX-License-Identifier: MIT
// Waiting that a person may end with Ctrl-C: setup is to say then what it leaves behind.
#pragma once

#include "base/awaitable.hpp"
#include "base/clock.hpp"

#include <chrono>
#include <functional>
#include <memory>

// NOLINTBEGIN(readability-identifier-naming): the names are Asio's
namespace boost::asio {
class any_io_executor;
}
// NOLINTEND(readability-identifier-naming)

namespace runs_agent::agent::setup {

/// What is said at the first Ctrl-C.
inline constexpr const char* stopping = "Stopping; Ctrl-C once more ends it at once.\n";

class Patience {
public:
    /// Takes SIGINT and SIGTERM from here on, and calls `on_stop` at the first; a second one ends
    /// the process. `clock` must live as long.
    Patience(const boost::asio::any_io_executor& executor, Clock& clock,
             std::function<void()> on_stop);

    /// Was it asked to stop?
    bool over() const;

    /// Until then, until notify() or until it is asked to stop.
    Awaitable<void> wait(std::chrono::milliseconds pause);
    void notify();

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace runs_agent::agent::setup
