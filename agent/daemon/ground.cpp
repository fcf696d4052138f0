// SPDX-License-Identifier: MIT
#include "agent/daemon/ground.hpp"

#include "base/text.hpp"
#include "observe/metrics.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace runs_agent::agent {

namespace fs = std::filesystem;

namespace {

/// The descriptors of this process. Absent where /proc is not there.
std::optional<std::size_t> open_descriptors() {
    std::error_code failure;
    const fs::directory_iterator all("/proc/self/fd", failure);
    if (failure) return std::nullopt;
    std::size_t count = 0;
    for (fs::directory_iterator one = all; one != fs::directory_iterator();
         one.increment(failure)) {
        if (failure) return std::nullopt;
        ++count;
    }
    return count > 0 ? count - 1 : 0;  // one was that of the look
}

void write_memory(std::string& text) {
    // Pages: of the whole, and of what is in memory (proc(5), statm).
    std::ifstream file("/proc/self/statm");
    double whole = 0;
    double resident = 0;
    if (!(file >> whole >> resident)) return;
    const auto page = static_cast<double>(::sysconf(_SC_PAGESIZE));
    write_gauge(text, "process_virtual_memory_bytes", "Virtual memory size in bytes.",
                whole * page);
    write_gauge(text, "process_resident_memory_bytes", "Resident memory size in bytes.",
                resident * page);
}

double seconds(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

std::uintmax_t size_of(const std::string& path) {
    std::error_code absent;
    const std::uintmax_t size = fs::file_size(path, absent);
    return absent ? 0 : size;
}

}  // namespace

std::string process_metrics(Time started) {
    std::string text;
    rusage used{};
    if (::getrusage(RUSAGE_SELF, &used) == 0) {
        constexpr std::string_view name = "process_cpu_seconds_total";
        text +=
            "# HELP process_cpu_seconds_total Total user and system CPU time spent in seconds."
            "\n# TYPE process_cpu_seconds_total counter\n";
        write_sample(text, name, {}, seconds(used.ru_utime) + seconds(used.ru_stime));
    }
    write_memory(text);
    if (const auto open = open_descriptors())
        write_gauge(text, "process_open_fds", "Number of open file descriptors.",
                    static_cast<double>(*open));
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0)
        write_gauge(text, "process_max_fds", "Maximum number of open file descriptors.",
                    static_cast<double>(limit.rlim_cur));
    write_gauge(text, "process_start_time_seconds",
                "Start time of the process since unix epoch in seconds.", in_seconds(started));
    return text;
}

std::string store_metrics(const std::vector<DatabaseFile>& databases) {
    std::string text;
    if (databases.empty()) return text;
    write_gauge_head(text, "runs_agent_store_bytes", "How large the files of the databases are.");
    for (const DatabaseFile& database : databases)
        for (const char* const more : {"", "-wal"})
            write_sample(text, "runs_agent_store_bytes", "file=\"" + database.name + more + '"',
                         static_cast<double>(size_of(database.path + more)));
    struct statvfs disk{};
    const std::string folder = fs::path(databases.front().path).parent_path().string();
    if (::statvfs(folder.c_str(), &disk) == 0)
        write_gauge(text, "runs_agent_store_free_bytes",
                    "Room on the disk that the database is on.",
                    static_cast<double>(disk.f_bavail) * static_cast<double>(disk.f_frsize));
    return text;
}

}  // namespace runs_agent::agent
