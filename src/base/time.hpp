// SPDX-License-Identifier: MIT
// What a time is here. Who tells the time, and waits for one, is in clock.hpp.
#pragma once

#include <chrono>

namespace runs_agent {

/// Milliseconds since 1970-01-01T00:00:00Z, the precision of every time that is stored or shown.
using Time = std::chrono::sys_time<std::chrono::milliseconds>;

/// Milliseconds since some moment before the program began. For ages and pauses: the time of day
/// steps when it is set right, back and forth, and this does not.
using SteadyTime = std::chrono::time_point<std::chrono::steady_clock, std::chrono::milliseconds>;

}  // namespace runs_agent
