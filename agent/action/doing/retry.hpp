// SPDX-License-Identifier: MIT
// Trying again while it may help and there is time: a step after a cancellation has seconds.
#pragma once

#include "base/awaitable.hpp"
#include "base/clock.hpp"
#include "runs_api/runs_api.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace runs_agent::agent::action {

struct RetryLimits {
    std::chrono::milliseconds in_all{25'000};  // for every request of the step together
    std::chrono::milliseconds one_try{10'000};
    std::chrono::milliseconds first_wait{500};
    std::chrono::milliseconds longest_wait{4'000};
};

/// How long to wait before asking again; absent where the answer is final, or where the wait would
/// end past `left`. `tries` were made so far, `random` is uniform in [0, 1).
std::optional<std::chrono::milliseconds> wait_before_next(const Result<runs_api::Answer>& answer,
                                                          int tries, std::chrono::milliseconds left,
                                                          double random,
                                                          const RetryLimits& limits = {});

class Retrier {
public:
    using Ask = std::function<Awaitable<Result<runs_api::Answer>>()>;
    using Say = std::function<void(const std::string&)>;

    /// The time runs from now on. `say` is told of each try that failed and will be made again.
    Retrier(Clock& clock, Say say, RetryLimits limits = {});

    /// The last answer. The first request leaves at once. `what` names it for `say`.
    Awaitable<Result<runs_api::Answer>> ask(Ask ask, std::string what);

private:
    Awaitable<Result<runs_api::Answer>> ask_once(Ask ask);

    Clock& clock_;
    Say say_;
    RetryLimits limits_;
    Time deadline_;
};

}  // namespace runs_agent::agent::action
