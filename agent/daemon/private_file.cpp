// SPDX-License-Identifier: MIT
#include "agent/daemon/private_file.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

namespace runs_agent::agent {

namespace {

/// To the disk, too. Returns errno; 0: all is there.
int write_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = ::write(descriptor, text.data(), text.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return errno;
        // A disk that fills up takes a part first, and says why at the next try.
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return ::fsync(descriptor) == 0 ? 0 : errno;
}

}  // namespace

Result<void> write_private_file(const std::string& path, const std::string& text) {
    const auto trouble = [&path](const std::string& doing, int code) {
        if (code == EEXIST)
            return fail(Errc::busy, "cannot " + doing + " " + path +
                                        ": it is there already; move it away, if nothing needs it");
        return fail(Errc::io, "cannot " + doing + " " + path + ": " + std::strerror(code) +
                                  "; see that its folder is writable, and its disk not full");
    };
    const int descriptor = ::open(
        path.c_str(), O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (descriptor < 0) return trouble("create", errno);
    const int code = write_all(descriptor, text);
    ::close(descriptor);
    if (code == 0) return {};
    ::unlink(path.c_str());
    return trouble("write", code);
}

}  // namespace runs_agent::agent
