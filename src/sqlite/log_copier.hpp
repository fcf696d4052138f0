// SPDX-License-Identifier: MIT
// Copies a database's log into it (SQLite calls that a checkpoint) beside the thread that writes:
// what is copied by a commit keeps everybody who waits for one waiting, for tens of milliseconds.
#pragma once

#include "sqlite/database.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace runs_agent::sqlite {

class LogCopier {
public:
    /// With a thread and a connection of its own. Throws SqliteError.
    explicit LogCopier(const std::string& path);
    /// As close().
    ~LogCopier();
    LogCopier(const LogCopier&) = delete;
    LogCopier& operator=(const LogCopier&) = delete;

    /// To be called by the writing thread between two transactions; `writer` has left its log.
    /// Begins to copy where there is enough of it, and copies the last of it itself, as more is
    /// written for as long as another does so.
    void after_commit(Database& writer);

    /// Waits for what is being copied, and begins nothing more.
    void close();

private:
    enum class Step : unsigned char { waits, copies, has_copied };

    void run();
    void copy_most();

    Database database_;
    std::atomic<Step> step_ = Step::waits;
    int begin_at_;  // pages; the writing thread's
    std::mutex mutex_;
    std::condition_variable wake_;
    bool closing_ = false;
    std::thread thread_;
};

}  // namespace runs_agent::sqlite
