// SPDX-License-Identifier: MIT
#include "agent/daemon/private_file.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace runs_agent::agent {

Result<void> write_private_file(const std::string& path, const std::string& text) {
    const auto trouble = [&path](const std::string& doing, int code) {
        return fail(code == EEXIST ? Errc::busy : Errc::io,
                    "cannot " + doing + " " + path + ": " + std::strerror(code) +
                        "; see that its folder is writable, and the file this user's");
    };
    const int descriptor = ::open(
        path.c_str(), O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (descriptor < 0) return trouble("create", errno);
    const bool whole =
        ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
        ::fsync(descriptor) == 0;
    const int code = errno;
    ::close(descriptor);
    if (whole) return {};
    ::unlink(path.c_str());
    return trouble("write", code);
}

}  // namespace runs_agent::agent
