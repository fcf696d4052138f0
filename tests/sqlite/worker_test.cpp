// SPDX-License-Identifier: MIT
#include "sqlite/worker.hpp"

#include "tests/run_awaitable.hpp"
#include "tests/temp_dir.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <future>
#include <set>
#include <thread>
#include <tuple>

namespace runs_agent::sqlite {
namespace {

namespace asio = boost::asio;
using tests::TempDir;

constexpr std::array<const char*, 1> schema{"CREATE TABLE t(x INTEGER PRIMARY KEY)"};

asio::awaitable<Result<int>> insert(Worker& worker, int x) {
    co_return co_await worker.write([x](Database& database) -> Result<int> {
        database.prepare("INSERT INTO t VALUES(?)").bind(x).run();
        return x;
    });
}

asio::awaitable<Result<std::int64_t>> count(Worker& worker) {
    co_return co_await worker.read([](Database& database) -> Result<std::int64_t> {
        Statement row = database.prepare("SELECT count(*) FROM t");
        row.step();
        return row.integer(0);
    });
}

TEST(Worker, WritesAreSeenByReadsAfterwards) {
    const TempDir dir;
    Worker worker(dir.file("a.db"), schema);
    EXPECT_EQ(*tests::run(insert(worker, 7)), 7);
    EXPECT_EQ(*tests::run(count(worker)), 1);
}

TEST(Worker, AFailedJobTakesNothingBackOfItsNeighbours) {
    const TempDir dir;
    asio::io_context context;
    Worker worker(dir.file("a.db"), schema);
    // The writer is kept busy, so that the jobs behind it become one batch.
    std::promise<void> gate;
    auto blocker = [&]() -> asio::awaitable<void> {
        std::ignore = co_await worker.write([&gate](Database&) -> Result<int> {
            gate.get_future().wait();
            return 0;
        });
    };
    asio::co_spawn(context, blocker(), asio::detached);
    std::vector<Result<int>> results;
    const auto add = [&](int x) -> asio::awaitable<void> {
        auto result = co_await insert(worker, x);
        results.push_back(std::move(result));
    };
    for (const int x : {1, 2, 1, 3}) asio::co_spawn(context, add(x), asio::detached);
    context.poll();
    gate.set_value();
    context.restart();
    context.run();
    ASSERT_EQ(results.size(), 4U);
    EXPECT_TRUE(results[0].has_value());
    EXPECT_TRUE(results[1].has_value());
    ASSERT_TRUE(results[2].has_error());
    EXPECT_EQ(results[2].error().code, Errc::store);
    EXPECT_TRUE(results[3].has_value());
    EXPECT_EQ(*tests::run(count(worker)), 3);
}

TEST(Worker, JobsThatMayRunAgainDoSoWhereANeighbourFails) {
    const TempDir dir;
    asio::io_context context;
    Worker worker(dir.file("a.db"), schema);
    std::promise<void> started;
    std::promise<void> gate;
    auto blocker = [&]() -> asio::awaitable<void> {
        std::ignore = co_await worker.write([&](Database&) -> Result<int> {
            started.set_value();
            gate.get_future().wait();
            return 0;
        });
    };
    asio::co_spawn(context, blocker(), asio::detached);
    context.poll();
    started.get_future().wait();  // those that follow are a batch of their own
    std::array<int, 5> runs{};
    std::vector<Result<int>> results;
    const auto add = [&](int x, int& ran) -> asio::awaitable<void> {
        auto adding = worker.write_again([x, &ran](Database& database) -> Result<int> {
            ++ran;
            database.prepare("INSERT INTO t VALUES(?)").bind(x).run();
            if (x == 9) return fail(Errc::not_found, "on second thoughts");
            return x;
        });
        auto result = co_await std::move(adding);
        results.push_back(std::move(result));
    };
    const std::array<int, 5> values{1, 2, 1, 9, 3};
    for (std::size_t i = 0; i < values.size(); ++i)
        asio::co_spawn(context, add(values.at(i), runs.at(i)), asio::detached);
    context.poll();
    gate.set_value();
    context.restart();
    context.run();
    ASSERT_EQ(results.size(), 5U);
    EXPECT_EQ(*results[0], 1);
    EXPECT_EQ(*results[1], 2);
    EXPECT_EQ(results[2].error().code, Errc::store);
    EXPECT_EQ(results[3].error().code, Errc::not_found);
    EXPECT_EQ(*results[4], 3);
    EXPECT_EQ(*tests::run(count(worker)), 3);
    // The first three in vain, and then all of them.
    EXPECT_EQ(runs, (std::array<int, 5>{2, 2, 2, 1, 1}));
}

TEST(Worker, AnErrorOfTheJobRollsItBack) {
    const TempDir dir;
    Worker worker(dir.file("a.db"), schema);
    auto body = [&]() -> asio::awaitable<Result<int>> {
        co_return co_await worker.write([](Database& database) -> Result<int> {
            database.prepare("INSERT INTO t VALUES(5)").run();
            return fail(Errc::not_found, "on second thoughts");
        });
    };
    EXPECT_EQ(tests::run(body()).error().code, Errc::not_found);
    EXPECT_EQ(*tests::run(count(worker)), 0);
}

TEST(Worker, RefusesWhatItCannotHold) {
    const TempDir dir;
    WorkerOptions options;
    options.max_waiting = 1;
    asio::io_context context;
    Worker worker(dir.file("a.db"), schema, options);
    std::promise<void> started;
    std::promise<void> gate;
    auto blocker = [&]() -> asio::awaitable<void> {
        std::ignore = co_await worker.write([&](Database&) -> Result<int> {
            started.set_value();
            gate.get_future().wait();
            return 0;
        });
    };
    asio::co_spawn(context, blocker(), asio::detached);
    context.poll();
    started.get_future().wait();
    std::vector<Result<int>> results;
    const auto add = [&](int x) -> asio::awaitable<void> {
        auto result = co_await insert(worker, x);
        results.push_back(std::move(result));
    };
    for (const int x : {1, 2}) asio::co_spawn(context, add(x), asio::detached);
    context.poll();
    gate.set_value();
    context.restart();
    context.run();
    ASSERT_EQ(results.size(), 2U);
    EXPECT_EQ(results[0].error().code, Errc::busy);
    EXPECT_TRUE(results[1].has_value());
}

TEST(Worker, CloseRefusesWhatWaitsAndLosesNothingThatWasConfirmed) {
    const TempDir dir;
    asio::io_context context;
    std::set<int> confirmed;
    int refused = 0;
    {
        Worker worker(dir.file("a.db"), schema);
        std::promise<void> blocked;
        std::promise<void> release;
        const auto blocker = [&]() -> asio::awaitable<void> {
            const auto job = [&](Database&) -> Result<int> {
                blocked.set_value();
                release.get_future().wait();
                return 0;
            };
            (void)co_await worker.write(job);
        };
        const auto add = [&](int x) -> asio::awaitable<void> {
            const auto result = co_await insert(worker, x);
            if (result.has_value()) confirmed.insert(x);
            if (result.has_error() && result.error().code == Errc::stopping) ++refused;
        };
        asio::co_spawn(context, add(1000), asio::detached);
        context.run();
        context.restart();
        asio::co_spawn(context, blocker(), asio::detached);
        context.poll();
        blocked.get_future().wait();
        for (int x = 0; x < 100; ++x) asio::co_spawn(context, add(x), asio::detached);
        context.poll();
        std::thread closing([&worker] { worker.close(); });
        // What comes after close() has begun is refused at once; what came before waits until it
        // ends.
        while (refused == 0) {
            asio::co_spawn(context, add(-1), asio::detached);
            context.restart();
            context.poll();
        }
        release.set_value();
        closing.join();
        context.restart();
        context.run();
        EXPECT_EQ(tests::run(insert(worker, 1001)).error().code, Errc::stopping);
    }
    EXPECT_GE(refused, 100);
    EXPECT_EQ(confirmed, std::set<int>{1000});
    Database database(dir.file("a.db"));
    Statement row = database.prepare("SELECT count(*) FROM t WHERE x = 1000");
    row.step();
    EXPECT_EQ(row.integer(0), 1);
}

TEST(Worker, AnyExceptionIsItsOwnJobsAlone) {
    const TempDir dir;
    Worker worker(dir.file("a.db"), schema);
    const auto job = [](Database& database) -> Result<int> {
        database.execute("INSERT INTO t VALUES(1)");
        throw std::bad_alloc();
    };
    EXPECT_EQ(tests::run(worker.write(job)).error().code, Errc::store);
    EXPECT_EQ(tests::run(worker.read(job)).error().code, Errc::store);
    EXPECT_TRUE(tests::run(insert(worker, 1)).has_value());
}

std::uintmax_t log_after_writing(const std::string& path, bool leaves_log) {
    Worker worker(path, schema, {.leaves_log = leaves_log});
    for (int x = 0; x < 3; ++x) {
        auto large = worker.write([x](Database& database) -> Result<int> {
            database.execute("CREATE TABLE IF NOT EXISTS large(b)");
            database.prepare("INSERT INTO large VALUES(zeroblob(?))").bind(20'000'000 + x).run();
            return 0;
        });
        EXPECT_TRUE(tests::run(std::move(large)).has_value());
    }
    return std::filesystem::file_size(path + "-wal");
}

TEST(Worker, TheLogIsCopiedAndWrittenOverUnlessItIsLeftToOthers) {
    const TempDir dir;
    EXPECT_LT(log_after_writing(dir.file("a.db"), false), 30'000'000U);
    EXPECT_GT(log_after_writing(dir.file("b.db"), true), 60'000'000U);
}

}  // namespace
}  // namespace runs_agent::sqlite
