// SPDX-License-Identifier: MIT
// What the executor and the decision loop share: work that a bug interrupts, but never ends.
#pragma once

#include "base/awaitable.hpp"
#include "base/clock.hpp"
#include "base/wakeup.hpp"
#include "observe/log.hpp"

#include <chrono>
#include <functional>
#include <string>

namespace runs_agent::execute {

struct AfterBug {
    std::string event;  // under which the log has it
    std::string doing;  // what the program did when it happened, in words
    std::chrono::milliseconds pause;
};

/// Does `work` again and again until `stopping`. Where it throws, which only a bug of ours does or
/// want of memory, that is logged and the work goes on after a pause, or when `wakeup` rings. The
/// references must outlive the coroutine; all on one thread.
Awaitable<void> keep_working(std::function<Awaitable<void>()> work, const bool& stopping,
                             Wakeup& wakeup, Clock& clock, Log& log, AfterBug after);

}  // namespace runs_agent::execute
