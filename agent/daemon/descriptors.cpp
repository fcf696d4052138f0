// SPDX-License-Identifier: MIT
#include "agent/daemon/descriptors.hpp"

#include <algorithm>
#include <sys/resource.h>

namespace runs_agent::agent {

void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
    limit.rlim_cur = limit.rlim_max;
    // Where it is refused the program works as before, with fewer connections.
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

std::size_t connections_for(std::size_t wanted, std::size_t listeners) {
    constexpr std::size_t others = 128;  // databases, outgoing connections, the log
    constexpr std::size_t fewest = 64;
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return wanted;
    const std::size_t all = limit.rlim_cur;
    return std::clamp(all > others ? (all - others) / listeners : 0, std::min(fewest, wanted),
                      wanted);
}

}  // namespace runs_agent::agent
