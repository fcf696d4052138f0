// SPDX-License-Identifier: MIT
#include "sqlite/log_copier.hpp"

#include "sqlite/worker.hpp"
#include "tests/run_awaitable.hpp"
#include "tests/temp_dir.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <thread>

namespace runs_agent::sqlite {
namespace {

using tests::TempDir;

constexpr std::array<const char*, 1> schema{"CREATE TABLE t(x BLOB)"};
constexpr std::uintmax_t mebibyte = 1024UL * 1024;

void write(Worker& worker, int mebibytes) {
    auto writing = [&]() -> boost::asio::awaitable<int> {
        for (int count = 0; count < mebibytes; ++count) {
            auto one = worker.write_again([](Database& database) -> Result<int> {
                database.prepare("INSERT INTO t VALUES(zeroblob(1048576))").run();
                return 0;
            });
            const auto written = co_await std::move(one);
            EXPECT_TRUE(written.has_value());
        }
        co_return 0;
    };
    tests::run(writing());
}

std::uintmax_t log_of(const std::string& path) {
    return std::filesystem::file_size(path + "-wal");
}

int rows(Database& database) {
    Statement row = database.prepare("SELECT count(*) FROM t");
    row.step();
    return static_cast<int>(row.integer(0));
}

TEST(LogCopier, KeepsTheLogShortHoweverMuchIsWritten) {
    const TempDir dir;
    const std::string path = dir.file("a.db");
    {
        Worker worker(path, schema);
        write(worker, 200);
        // What was copied is written over: it is a few times what it begins at, 16 MiB.
        EXPECT_LT(log_of(path), 100 * mebibyte);
        EXPECT_GT(std::filesystem::file_size(path), 50 * mebibyte);
    }
    Database database(path);
    EXPECT_EQ(rows(database), 200);
    Statement check = database.prepare("PRAGMA integrity_check");
    check.step();
    EXPECT_EQ(check.text(0), "ok");
}

TEST(LogCopier, WaitsForNoReaderAndGoesOnAfterIt) {
    const TempDir dir;
    const std::string path = dir.file("a.db");
    Worker worker(path, schema);
    write(worker, 1);
    Database reader(path);
    reader.execute("BEGIN");
    EXPECT_EQ(rows(reader), 1);
    write(worker, 60);
    // It may still need what it has seen the beginning of.
    EXPECT_GT(log_of(path), 60 * mebibyte);
    EXPECT_EQ(rows(reader), 1);
    reader.execute("COMMIT");
    const std::uintmax_t grown = log_of(path);
    // It tries again as more is written, and the log is then begun anew.
    write(worker, 150);
    EXPECT_LT(log_of(path), grown + 100 * mebibyte);
    EXPECT_EQ(rows(reader), 211);
}

TEST(LogCopier, CopiesTheLastOfItOnTheWritingThread) {
    const TempDir dir;
    const std::string path = dir.file("a.db");
    Database writer(path);
    writer.execute(schema[0]);
    writer.leave_log();
    LogCopier copier(path);
    // Nobody writes at the same time, so what is there is copied, and the next commit begins anew.
    writer.execute("INSERT INTO t VALUES(zeroblob(20000000))");
    const int many = writer.log_pages();
    EXPECT_GT(many, 4096);
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (writer.log_pages() >= many) {
        ASSERT_LT(std::chrono::steady_clock::now(), end);
        copier.after_commit(writer);
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        writer.execute("UPDATE t SET x = 'small' WHERE rowid = 2");
        writer.execute("INSERT INTO t VALUES('small')");
    }
    copier.close();
    copier.after_commit(writer);  // as harmless as it is useless
}

}  // namespace
}  // namespace runs_agent::sqlite
