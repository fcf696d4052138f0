// SPDX-License-Identifier: MIT
#include "agent/daemon/daemon_lock.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#include <utility>

namespace runs_agent::agent {

Result<DaemonLock> DaemonLock::take(const std::string& database_path) {
    const std::string path = database_path + ".lock";
    const int descriptor = ::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    if (descriptor < 0)
        return fail(Errc::io, "cannot create " + path + ": " + std::strerror(errno) +
                                  "; see that its folder is writable");
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        ::close(descriptor);
        return fail(Errc::busy,
                    "another daemon works on " + database_path +
                        "; stop that one, or give this one another RUNS_AGENT_DATABASE");
    }
    return DaemonLock(descriptor);
}

DaemonLock::DaemonLock(DaemonLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

DaemonLock::~DaemonLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace runs_agent::agent
