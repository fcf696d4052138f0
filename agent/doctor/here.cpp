// SPDX-License-Identifier: MIT
#include "agent/doctor/here.hpp"

#include "sqlite/visit.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

namespace runs_agent::agent {

namespace fs = std::filesystem;

namespace {

/// The path, or the nearest folder above it that is there.
fs::path nearest(fs::path path) {
    std::error_code failure;
    while (!fs::exists(fs::symlink_status(path, failure)) && path.has_relative_path())
        path = path.parent_path();
    return path;
}

/// Why files cannot be made or written there; empty: they can.
std::string why_not_writable(const fs::path& folder) {
    const fs::path there = nearest(folder);
    std::error_code failure;
    if (!fs::is_directory(there, failure)) return there.string() + " is no folder";
    if (::access(there.c_str(), W_OK | X_OK) == 0) return {};
    return "the folder " + there.string() + " cannot be written: " + std::strerror(errno);
}

/// What root made or restored in another user's folder: that user's daemon does not open it.
std::string what_is_roots(const std::string& path) {
    struct stat folder{};
    const std::string above = fs::path(path).parent_path().string();
    if (::stat(above.c_str(), &folder) != 0 || folder.st_uid == 0) return {};
    for (const char* const ending : {"", "-wal", "-shm", ".lock"}) {
        struct stat file{};
        const std::string one = path + ending;
        if (::stat(one.c_str(), &file) == 0 && file.st_uid == 0)
            return one + " belongs to root, and its folder to the user whose daemon is to open it";
    }
    return {};
}

void look_into(const std::string& path, bool in_use, doctor::DatabaseSeen& seen) {
    std::error_code failure;
    // One that has no byte yet is as good as none.
    seen.there = fs::file_size(path, failure) > 0 || failure;
    if (!seen.there) return;
    const auto log = fs::file_size(path + "-wal", failure);
    seen.log_left = !in_use && !failure && log > 0 && !fs::exists(path + "-shm", failure);
    if (seen.log_left) return;
    const auto version = sqlite::version_of(sqlite::to_visit(path, in_use));
    if (version.has_error())
        seen.fault = version.error().message;
    else
        seen.version = *version;
}

}  // namespace

doctor::ServiceSeen look_at_service(const std::string& unit, const std::string& root) {
    doctor::ServiceSeen seen;
    seen.unit = unit;
    std::error_code failure;
    seen.systemd = fs::is_directory(root + "/run/systemd/system", failure);
    const fs::path groups = fs::path(root + "/sys/fs/cgroup");
    const fs::path below = fs::path("system.slice") / fs::path(unit).filename() / "cgroup.procs";
    // The unified hierarchy, and that of before.
    for (const fs::path& hierarchy : {groups, groups / "systemd"}) {
        std::ifstream file(hierarchy / below);
        for (std::string line; std::getline(file, line);)
            if (!line.empty()) ++seen.processes;
    }
    return seen;
}

std::optional<bool> is_locked(const std::string& database_path) {
    struct stat file{};
    if (::stat((database_path + ".lock").c_str(), &file) != 0) {
        if (errno != ENOENT && errno != ENOTDIR) return std::nullopt;
        return false;
    }
    std::ifstream locks("/proc/locks");
    if (!locks) return std::nullopt;
    std::ostringstream text;
    text << locks.rdbuf();
    return is_locked(text.str(), file.st_dev, file.st_ino);
}

std::optional<bool> is_locked(const std::string& locks, dev_t device, ino_t number) {
    // "1: FLOCK  ADVISORY  WRITE 1234 08:01:131 0 EOF" (proc(5), /proc/locks)
    std::array<char, 64> place{};
    std::snprintf(place.data(), place.size(), " %02x:%02x:", major(device), minor(device));
    const std::string of_any = ":" + std::to_string(number) + " ";
    const std::string ours = std::string(place.data()) + of_any.substr(1);
    std::optional<bool> found = false;
    std::istringstream lines(locks);
    for (std::string line; std::getline(lines, line);) {
        if (line.find("FLOCK") == std::string::npos) continue;
        if (line.find(ours) != std::string::npos) return true;
        // Of another device, or of one that has two numbers, as a subvolume has.
        if (line.find(of_any) != std::string::npos) found.reset();
    }
    return found;
}

doctor::DatabaseSeen look_at_database_file(const std::string& path, std::int64_t newest,
                                           bool in_use) {
    doctor::DatabaseSeen seen;
    seen.path = path;
    const fs::path folder = fs::path(path).parent_path();
    std::error_code failure;
    seen.there = fs::exists(path, failure);
    if (failure == std::errc::permission_denied) {
        seen.root_needed = true;
        return seen;
    }
    if (!seen.there) {
        seen.fault = why_not_writable(folder);
        return seen;
    }
    const bool others = ::access(path.c_str(), R_OK | W_OK) != 0;
    const int why = errno;
    if (others && (why == EACCES || why == EPERM)) {
        seen.root_needed = true;
        return seen;
    }
    if (others)
        seen.fault = std::string("it cannot be written: ") + std::strerror(why);
    else if (!fs::is_regular_file(path, failure))
        seen.fault = "it is no file";
    else
        seen.fault = why_not_writable(folder);
    if (!in_use) seen.roots = what_is_roots(path);
    if (seen.fault.empty()) look_into(path, in_use, seen);
    seen.newest = newest;
    return seen;
}

bool is_readable(const doctor::DatabaseSeen& seen) {
    return seen.there && seen.fault.empty() && !seen.root_needed && !seen.log_left &&
           seen.version == seen.newest;
}

doctor::DiskSeen look_at_disk(const std::string& folder) {
    doctor::DiskSeen seen;
    seen.folder = nearest(folder).string();
    struct statvfs disk{};
    if (::statvfs(seen.folder.c_str(), &disk) != 0) return seen;
    seen.free_bytes = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
    seen.no_inodes = disk.f_files > 0 && disk.f_favail == 0;
    return seen;
}

std::optional<double> metric_of(std::string_view text, std::string_view series) {
    const std::string line = std::string(series) + " ";
    std::size_t at = text.starts_with(line) ? 0 : text.find("\n" + line);
    if (at == std::string_view::npos) return std::nullopt;
    if (text[at] == '\n') ++at;
    at += line.size();
    const std::string value(text.substr(at, text.find('\n', at) - at));
    double number = 0;
    const auto [end, wrong] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (wrong != std::errc() || end == value.data()) return std::nullopt;
    return number;
}

}  // namespace runs_agent::agent
