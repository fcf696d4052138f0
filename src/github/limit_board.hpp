// SPDX-License-Identifier: MIT
// Where processes that send with the same credentials tell each other of GitHub's limits: whoever
// goes on while one holds may be banned, and with it all of them.
#pragma once

#include "base/awaitable.hpp"

#include <chrono>
#include <string>

namespace runs_agent::github {

class LimitBoard {
public:
    virtual ~LimitBoard() = default;

    /// How long nothing may be sent on that budget, as any of them was told; zero where it may, and
    /// where that cannot be known just now. Asked before each request.
    virtual Awaitable<std::chrono::milliseconds> wait(std::string budget) = 0;
    /// That nothing may be sent on it for so long.
    virtual Awaitable<void> tell(std::string budget, std::chrono::milliseconds length) = 0;
};

}  // namespace runs_agent::github
