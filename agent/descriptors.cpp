#include "agent/descriptors.hpp"

#include <sys/resource.h>

namespace runs_agent::agent {

void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
    limit.rlim_cur = limit.rlim_max;
    // Where it is refused the program works as before, with fewer connections.
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace runs_agent::agent
