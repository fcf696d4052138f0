// SPDX-License-Identifier: MIT
// Waiting that a person may end with Ctrl-C: setup is to say then what it leaves behind.
#pragma once

#include "base/awaitable.hpp"
#include "base/clock.hpp"

#include <chrono>
#include <memory>

// NOLINTBEGIN(readability-identifier-naming): the names are Asio's
namespace boost::asio {
class any_io_executor;
}
// NOLINTEND(readability-identifier-naming)

namespace runs_agent::agent::setup {

class Patience {
public:
    /// Takes SIGINT and SIGTERM from here on; a second one ends the process. `clock` must live as
    /// long.
    Patience(const boost::asio::any_io_executor& executor, Clock& clock);

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
