// SPDX-License-Identifier: MIT
// How often the log tells of what a stranger can cause at will: whoever sends rubbish must not fill
// a disk, nor hide what matters.
#pragma once

#include "base/time.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace runs_agent {

/// A few of each event in a second, the others counted. On one thread at a time.
class RateLimit {
public:
    static constexpr int most = 5;  // of each event in a second
    static constexpr std::chrono::milliseconds span{1'000};

    struct Suppressed {
        std::string event;
        std::int64_t count;
    };

    /// May this one be told of? Else it is counted.
    bool admit(std::string_view event, SteadyTime now);

    /// What was counted in seconds that are over by `now`, once.
    std::vector<Suppressed> take_over(SteadyTime now);
    /// The same of all seconds.
    std::vector<Suppressed> take_all() { return take_over(SteadyTime::max()); }

private:
    struct Second {
        SteadyTime end;
        int told = 0;
        std::int64_t suppressed = 0;
    };
    std::map<std::string, Second, std::less<>> seconds_;  // by event: few, and ours
};

}  // namespace runs_agent
