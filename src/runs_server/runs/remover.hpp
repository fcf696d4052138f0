// SPDX-License-Identifier: MIT
// Removes what deleted runs have left, in portions between which others write.
#pragma once

#include "base/awaitable.hpp"
#include "base/clock.hpp"
#include "observe/log.hpp"
#include "sqlite/worker.hpp"

#include <chrono>
#include <memory>

namespace runs_agent::runs_server {

/// On one executor.
class Remover {
public:
    /// All must live as long as it.
    Remover(const boost::asio::any_io_executor& executor, sqlite::Worker& database, Clock& clock,
            Log& log);
    Remover(const Remover&) = delete;
    Remover& operator=(const Remover&) = delete;
    ~Remover();

    /// Begins, with what was left before the program was started.
    void start();
    /// Something was deleted.
    void wake();
    /// Ends with the portion under way, which is not waited for beyond `bound`; the rest is for
    /// the next start.
    Awaitable<void> stop(std::chrono::milliseconds bound);

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace runs_agent::runs_server
