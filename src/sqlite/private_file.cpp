// SPDX-License-Identifier: MIT
#include "sqlite/private_file.hpp"

#include <algorithm>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace runs_agent::sqlite {

namespace {

constexpr mode_t not_the_owner = S_IRWXG | S_IRWXO;

Privacy narrow(const std::string& path) {
    // By its name and never by a descriptor: to close one would end the locks that this process
    // holds on the file (https://www.sqlite.org/howtocorrupt.html, section 2.2).
    struct stat found{};
    if (::stat(path.c_str(), &found) != 0 || (found.st_mode & not_the_owner) == 0)
        return Privacy::kept;
    if (found.st_uid != ::geteuid()) return Privacy::open_to_others;
    return ::chmod(path.c_str(), found.st_mode & S_IRWXU) == 0 ? Privacy::narrowed
                                                               : Privacy::open_to_others;
}

}  // namespace

Privacy keep_private(const std::string& path) {
    if (path.empty() || path == ":memory:") return Privacy::kept;
    // SQLite gives the files beside it the mode of this one.
    const int made = ::open(path.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (made >= 0) {
        ::close(made);  // it is new, so nobody holds a lock on it
        return Privacy::kept;
    }
    Privacy privacy = Privacy::kept;
    for (const char* const beside : {"", "-wal", "-shm", "-journal"})
        privacy = std::max(privacy, narrow(path + beside));
    return privacy;
}

}  // namespace runs_agent::sqlite
