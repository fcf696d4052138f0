// SPDX-License-Identifier: MIT
#include "observe/rate_limit.hpp"

namespace runs_agent {

bool RateLimit::admit(std::string_view event, SteadyTime now) {
    auto found = seconds_.find(event);
    if (found == seconds_.end()) found = seconds_.emplace(event, Second{now + span}).first;
    Second& second = found->second;
    if (now >= second.end) {
        second.end = now + span;
        second.told = 0;
    }
    const bool fits = second.told < most;
    if (fits)
        ++second.told;
    else
        ++second.suppressed;
    return fits;
}

std::vector<RateLimit::Suppressed> RateLimit::take_over(SteadyTime now) {
    std::vector<Suppressed> taken;
    for (auto& [event, second] : seconds_) {
        if (second.suppressed == 0 || now < second.end) continue;
        taken.push_back({event, second.suppressed});
        second.suppressed = 0;
    }
    return taken;
}

}  // namespace runs_agent
