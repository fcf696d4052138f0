// SPDX-License-Identifier: MIT
// That one daemon alone works on a database.
#pragma once

#include "base/error.hpp"

#include <string>

namespace runs_agent::agent {

/// Held by the one daemon that works on a database file, for as long as it lives: two would send
/// each other's calls twice.
class [[nodiscard]] DaemonLock {
public:
    /// Errc::busy where another daemon holds it. The lock file stays; only the lock on it counts.
    static Result<DaemonLock> take(const std::string& database_path);

    DaemonLock(DaemonLock&& other) noexcept;
    DaemonLock& operator=(DaemonLock&&) = delete;
    ~DaemonLock();

private:
    explicit DaemonLock(int descriptor) : descriptor_(descriptor) {}
    int descriptor_;
};

}  // namespace runs_agent::agent
