// SPDX-License-Identifier: MIT
#include "sqlite/log_copier.hpp"

namespace runs_agent::sqlite {

namespace {

/// 16 MiB: under load most pages change many times before they are copied.
constexpr int enough = 4096;
/// So many are copied by the writing thread in a few milliseconds.
constexpr int few = 256;
/// What is written meanwhile becomes less each time, but for a disk that is slower than the load.
constexpr int most_rounds = 4;

}  // namespace

LogCopier::LogCopier(const std::string& path)
    : database_(path), begin_at_(enough), thread_([this] { run(); }) {}

LogCopier::~LogCopier() {
    close();
}

void LogCopier::after_commit(Database& writer) {
    const Step step = step_.load(std::memory_order_acquire);
    if (step == Step::has_copied) {
        const Database::LogCopied done = writer.copy_log();
        // Where somebody still reads what is older, it goes on growing, to be tried again later.
        const bool all = done.pages > 0 && done.copied == done.pages;
        begin_at_ = all ? enough : writer.log_pages() + enough;
        step_.store(Step::waits, std::memory_order_relaxed);
    } else if (step == Step::waits && writer.log_pages() >= begin_at_) {
        step_.store(Step::copies, std::memory_order_relaxed);
        const std::lock_guard lock(mutex_);
        wake_.notify_one();
    }
}

void LogCopier::copy_most() {
    int before = 0;
    for (int round = 0; round < most_rounds; ++round) {
        const int copied = database_.copy_log().copied;
        // About as much as was written during the last round.
        if (copied - before <= few) return;
        before = copied;
    }
}

void LogCopier::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [this] {
            return closing_ || step_.load(std::memory_order_relaxed) == Step::copies;
        });
        if (closing_) return;
        lock.unlock();
        copy_most();
        step_.store(Step::has_copied, std::memory_order_release);
        lock.lock();
    }
}

void LogCopier::close() {
    {
        const std::lock_guard lock(mutex_);
        closing_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

}  // namespace runs_agent::sqlite
