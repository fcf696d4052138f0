// SPDX-License-Identifier: MIT
// Asks GitHub once more where what went wrong may pass, as a new App's first requests do, and a
// code must not be lost for it.
#pragma once

#include "agent/setup/patience.hpp"
#include "agent/setup/terminal.hpp"
#include "base/awaitable.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "github/github.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace runs_agent::agent::setup {

/// What came of a request, without its value.
struct Outcome {
    int status = 0;  // 0: no answer
    bool unreached = false;
    std::string message;
    std::optional<std::chrono::milliseconds> retry_after;
};

template <class Value>
Outcome outcome_of(const Result<github::Answer<Value>>& answer) {
    if (answer.has_value()) return {answer->status, false, answer->message, answer->retry_after};
    const Errc code = answer.error().code;
    return {0, code == Errc::network || code == Errc::timeout, answer.error().message, {}};
}

/// The tries of one request. All must live as long.
class Tries {
public:
    Tries(const Terminal& terminal, Patience& patience, const Clock& clock);

    /// Is it worth another? Says so, and returns when it is time for it: some minutes long, and as
    /// long as GitHub says where a rate limit holds. False where it is not, or is asked to stop.
    Awaitable<bool> again(Outcome outcome);

private:
    const Terminal& terminal_;
    Patience& patience_;
    const Clock& clock_;
    const SteadyTime begun_;
    std::chrono::milliseconds pause_;
    int unknown_ = 0;  // 401s
    bool said_ = false;
};

}  // namespace runs_agent::agent::setup
