// Where the program keeps its data, and that only one daemon does so at a time.
#pragma once

#include "base/error.hpp"
#include "observe/log.hpp"

#include <string>

namespace runs_agent::agent {

/// Creates the folder of `file` where it is missing, readable by its owner alone.
/// Errc::io names the folder and says how to mend it.
Result<void> make_folder_of(const std::string& file);

/// Closes a database's files to others, as each opening of it does, and logs where others could
/// read them.
void keep_private(const std::string& database, Log& log);

/// Held by the one daemon that works on a database file, for as long as it lives: two would send
/// each other's calls twice.
class DaemonLock {
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
