// SPDX-License-Identifier: MIT
#include "agent/daemon/url_key.hpp"

#include "agent/cli/read_file.hpp"
#include "agent/daemon/private_file.hpp"
#include "base/encoding.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>

namespace runs_agent::agent {

namespace {

constexpr std::size_t key_bytes = 32;

Error trouble(const std::string& doing, const std::string& path, int code) {
    return fail(Errc::io, "cannot " + doing + " " + path + ": " + std::strerror(code) +
                              "; see that its folder is writable, and the file this user's");
}

/// The key of the file; absent: there is no file.
Result<std::optional<std::string>> read(const std::string& path) {
    struct stat found{};
    if (::stat(path.c_str(), &found) != 0) {
        if (errno == ENOENT) return std::optional<std::string>();
        return trouble("read", path, errno);
    }
    constexpr mode_t others = S_IRWXG | S_IRWXO;
    if ((found.st_mode & others) != 0 && ::chmod(path.c_str(), found.st_mode & S_IRWXU) != 0)
        return trouble("close to others", path, errno);
    Result<std::string> text = std::string();
    if (found.st_size > 0) text = read_file(path);
    if (text.has_error()) return text.error();
    while (text->ends_with('\n')) text->pop_back();
    const bool is_key =
        text->size() == 2 * key_bytes && std::all_of(text->begin(), text->end(), [](char c) {
            return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        });
    if (!is_key)
        return fail(Errc::io, path +
                                  " holds no key; remove it, and a new one is made (addresses "
                                  "of artifacts that were handed out before end then)");
    return std::optional<std::string>(std::move(*text));
}

}  // namespace

Result<std::string> read_url_key(const std::string& database_path) {
    const std::string path = database_path + ".url-key";
    auto there = read(path);
    if (there.has_error()) return there.error();
    if (*there) return std::move(**there);
    // Written whole under another name first: of two servers that start at once, the second takes
    // the first one's.
    const std::string fresh = path + "." + random_hex(8);
    const std::string key = random_hex(key_bytes);
    const auto written = write_private_file(fresh, key + "\n");
    if (written.has_value() && ::link(fresh.c_str(), path.c_str()) != 0 && errno != EEXIST)
        std::rename(fresh.c_str(), path.c_str());  // a file system without hard links
    ::unlink(fresh.c_str());
    if (written.has_error()) return written.error();
    auto made = read(path);
    if (made.has_error()) return made.error();
    if (!*made) return trouble("create", path, ENOENT);
    return std::move(**made);
}

}  // namespace runs_agent::agent
