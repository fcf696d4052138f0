// SPDX-License-Identifier: MIT
// Work that takes so much memory that it is done one after the other.
#pragma once

#include "base/awaitable.hpp"

#include <chrono>
#include <memory>
#include <optional>

namespace runs_agent::runs_server {

/// On one executor, whose thread also ends each Turn.
class OneByOne {
    struct State;

public:
    /// One's turn, until it ends. The next is then whoever has waited longest.
    class [[nodiscard]] Turn {
    public:
        explicit Turn(std::shared_ptr<State> state) : state_(std::move(state)) {}
        Turn(Turn&&) noexcept = default;
        Turn& operator=(Turn&&) = delete;
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;
        ~Turn();

    private:
        std::shared_ptr<State> state_;
    };

    OneByOne();

    /// Waits for one's turn; absent where it has not come within `bound`.
    Awaitable<std::optional<Turn>> next(std::chrono::milliseconds bound);

private:
    std::shared_ptr<State> state_;  // each Turn and each who waits may outlive this
};

}  // namespace runs_agent::runs_server
