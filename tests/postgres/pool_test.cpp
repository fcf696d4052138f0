// SPDX-License-Identifier: MIT
// A pool and a server that is paused, holds a lock, or drops it. Needs a server: see
// CMakeLists.txt.
#include "postgres/pool.hpp"

#include "tests/postgres/server_under_test.hpp"
#include "tests/run_awaitable.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <thread>
#include <vector>

namespace runs_agent::postgres {
namespace {

using namespace std::chrono_literals;

class PoolTest : public testing::Test {
protected:
    PoolTest() : target_(read_target(tests::server_under_test()).value()) {
        options_.connections = 1;
        options_.patience = 5s;
    }

    Result<std::int64_t> number(Pool& pool, std::string sql) {
        auto job = [sql = std::move(sql)](Connection& connection) -> Result<std::int64_t> {
            auto row = connection.prepare(sql);
            row.step();
            return row.integer(0);
        };
        return tests::run(pool.write(std::move(job)));
    }

    Target target_;
    PoolOptions options_;
};

TEST_F(PoolTest, AServerProcessThatIsPausedIsLeftForAnother) {
    options_.limits.answer = 200ms;
    Pool pool(target_, options_);
    const auto first = number(pool, "SELECT pg_backend_pid()").value();
    ASSERT_EQ(::kill(static_cast<pid_t>(first), SIGSTOP), 0);
    const auto second = number(pool, "SELECT pg_backend_pid()");
    ::kill(static_cast<pid_t>(first), SIGCONT);
    ASSERT_TRUE(second.has_value()) << second.error().message;
    EXPECT_NE(*second, first);
}

TEST_F(PoolTest, EachCommitIsTold) {
    std::vector<std::size_t> jobs;
    options_.on_commit = [&jobs](std::chrono::nanoseconds took, std::size_t shared) {
        EXPECT_GT(took.count(), 0);
        jobs.push_back(shared);
    };
    {
        Pool pool(target_, options_);
        ASSERT_TRUE(number(pool, "SELECT 1").has_value());
        ASSERT_TRUE(number(pool, "SELECT no_such_column").has_error());
        auto job = [](Connection&) -> Result<int> { return 1; };
        ASSERT_TRUE(tests::run(pool.read(job)).has_value());
        ASSERT_TRUE(tests::run(pool.write_together("a", job)).has_value());
    }
    EXPECT_EQ(jobs, (std::vector<std::size_t>{1, 1}));
}

TEST_F(PoolTest, WhatLastsIsAnErrorThatSaysWhatToDo) {
    options_.patience = 300ms;
    options_.limits.lock = 50ms;
    Connection holder(target_, TimeLimits());
    holder.execute("CREATE TABLE IF NOT EXISTS held(id BIGINT)");
    holder.execute("BEGIN; LOCK TABLE held");
    Pool pool(target_, options_);
    const auto waited = number(pool, "SELECT count(*) FROM held");
    holder.execute("ROLLBACK");
    holder.execute("DROP TABLE held");
    ASSERT_TRUE(waited.has_error());
    EXPECT_EQ(waited.error().code, Errc::store);
    EXPECT_NE(waited.error().message.find("pg_locks"), std::string::npos) << waited.error().message;
}

TEST_F(PoolTest, AJobIsDoneAgainWhereItsConnectionIsLost) {
    Pool pool(target_, options_);
    auto job = [tries = 0](Connection& connection) mutable -> Result<int> {
        if (++tries == 1) connection.execute("SELECT pg_terminate_backend(pg_backend_pid())");
        connection.execute("SELECT 1");
        return tries;
    };
    EXPECT_EQ(tests::run(pool.write(job)).value(), 2);
}

TEST_F(PoolTest, OneOfThoseThatShareATransactionFailsAlone) {
    Connection other(target_, TimeLimits());
    other.execute("DROP TABLE IF EXISTS shared; CREATE TABLE shared(id BIGINT PRIMARY KEY)");
    Pool pool(target_, options_);
    const auto insert = [&pool](int id, bool sound) -> boost::asio::awaitable<Result<int>> {
        auto job = [id, sound](Connection& connection) -> Result<int> {
            connection.prepare("INSERT INTO shared VALUES(?)").bind(id).run();
            if (!sound) connection.execute("SELECT 1/0");
            return id;
        };
        auto key = std::to_string(id);
        co_return co_await pool.write_together(std::move(key), std::move(job));
    };
    boost::asio::io_context context;
    int done = 0;
    int failed = 0;
    for (int id = 1; id <= 9; ++id)
        boost::asio::co_spawn(context, insert(id, id != 5),
                              [&](std::exception_ptr, Result<int> result) {
                                  (result.has_value() ? done : failed) += 1;
                              });
    context.run_for(30s);
    EXPECT_EQ(done, 8);
    EXPECT_EQ(failed, 1);
    EXPECT_EQ(number(pool, "SELECT count(*) FROM shared").value(), 8);
    other.execute("DROP TABLE shared");
}

TEST_F(PoolTest, AnEndedPoolRefuses) {
    Pool pool(target_, options_);
    pool.close();
    EXPECT_EQ(number(pool, "SELECT 1").error().code, Errc::stopping);
}

}  // namespace
}  // namespace runs_agent::postgres
