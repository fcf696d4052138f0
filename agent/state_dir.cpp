#include "agent/state_dir.hpp"

#include "sqlite/private_file.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <unistd.h>
#include <utility>

namespace runs_agent::agent {

namespace fs = std::filesystem;

Result<void> make_folder_of(const std::string& file) {
    const fs::path folder = fs::path(file).parent_path();
    std::error_code failure;
    if (folder.empty() || fs::is_directory(folder, failure)) return {};
    if (fs::create_directories(folder, failure); !failure)
        fs::permissions(folder, fs::perms::owner_all, failure);
    if (failure)
        return fail(Errc::io, "cannot create the folder " + folder.string() + ": " +
                                  failure.message() +
                                  "; create it, or name another with RUNS_AGENT_STATE_DIR");
    return {};
}

void keep_private(const std::string& database, Log& log) {
    switch (sqlite::keep_private(database)) {
        case sqlite::Privacy::kept:
            return;
        case sqlite::Privacy::narrowed:
            log.warn("store.narrowed",
                     {{"file", database},
                      {"note", "others could read it; its owner alone can from now on"}});
            return;
        case sqlite::Privacy::open_to_others:
            log.warn("store.open_to_others",
                     {{"file", database},
                      {"note",
                       "others can read it, and it is another user's; chmod 600 it, or"
                       " chown it to the user that runs this"}});
            return;
    }
}

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
