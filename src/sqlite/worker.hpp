// SPDX-License-Identifier: MIT
// Runs database jobs on threads of its own and brings their results back to the caller's executor.
// Writes that wait at the same time share one commit, and so one fsync: that is what makes many
// durable answers a second possible. Reads have a second connection, so no reader delays a writer.
#pragma once

#include "base/error.hpp"
#include "sqlite/database.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace runs_agent::sqlite {

struct WorkerOptions {
    std::size_t max_waiting = 8192;  // jobs of each kind; more are refused with Errc::busy
    std::size_t max_batch = 256;     // writes that share one commit
};

/// The contexts whose coroutines await a Worker must outlive it.
class Worker {
public:
    /// Opens the file twice (write and read) and migrates it. Throws SqliteError.
    Worker(const std::string& path, std::span<const char* const> migrations,
           WorkerOptions options = {});
    /// As close().
    ~Worker();

    /// Runs `job(Database&)` in a transaction on the writing thread. The awaited result comes only
    /// after the commit reached the disk (synchronous=FULL). A job that throws or returns an error
    /// is rolled back alone; the others of its batch go on. Errors: store, busy, stopping, and the
    /// job's own.
    template <class Job>
    auto write(Job job) -> boost::asio::awaitable<std::invoke_result_t<Job&, Database&>> {
        return submit(Kind::write, false, std::move(job));
    }

    /// As write(), of a job that changes nothing but the database, and so may be run once more
    /// after what it did was taken back. Where only such jobs share a commit, none of them needs to
    /// be undone by itself, which is a third of what a small one costs.
    template <class Job>
    auto write_again(Job job) -> boost::asio::awaitable<std::invoke_result_t<Job&, Database&>> {
        return submit(Kind::write, true, std::move(job));
    }

    /// Runs `job(Database&)` on the reading thread, in a transaction that sees one moment.
    template <class Job>
    auto read(Job job) -> boost::asio::awaitable<std::invoke_result_t<Job&, Database&>> {
        return submit(Kind::read, false, std::move(job));
    }

    /// Ends what is under way, refuses what waits with Errc::stopping, and takes nothing more.
    /// Blocks for one batch at most; for the end of a program.
    void close();

private:
    enum class Kind { write, read };

    /// One job as the threads see it: `run` does the work and keeps its result, `finish` hands the
    /// result (or, where given, the error) to whoever awaits it. Each is called exactly once, but
    /// for the work of one that may run again.
    struct Task {
        bool may_run_again = false;
        std::function<std::optional<Error>(Database&)> run;
        std::function<void(std::optional<Error>)> finish;
    };
    void enqueue(Kind kind, Task task);

    template <class Job>
    auto submit(Kind kind, bool may_run_again, Job job)
        -> boost::asio::awaitable<std::invoke_result_t<Job&, Database&>>;

    struct State;
    std::unique_ptr<State> state_;
};

template <class Job>
auto Worker::submit(Kind kind, bool may_run_again, Job job)
    -> boost::asio::awaitable<std::invoke_result_t<Job&, Database&>> {
    namespace asio = boost::asio;
    using Outcome = std::invoke_result_t<Job&, Database&>;
    auto initiate = [this, kind, may_run_again](auto handler, Job work) {
        auto executor = asio::get_associated_executor(handler);
        auto guard = asio::make_work_guard(executor);
        auto result = std::make_shared<std::optional<Outcome>>();
        auto waiting = std::make_shared<decltype(handler)>(std::move(handler));
        Task task;
        task.may_run_again = may_run_again;
        task.run = [result,
                    work = std::move(work)](Database& database) mutable -> std::optional<Error> {
            result->emplace(work(database));
            if (result->value().has_error()) return result->value().error();
            return std::nullopt;
        };
        task.finish = [result, waiting, guard = std::move(guard),
                       executor](std::optional<Error> error) mutable {
            if (error) result->emplace(std::move(*error));
            // The guard goes along: nothing of the executor may be touched once its work is done.
            asio::post(executor, [result, waiting, guard = std::move(guard)] {
                (*waiting)(std::move(**result));
            });
        };
        enqueue(kind, std::move(task));
    };
    return asio::async_initiate<const asio::use_awaitable_t<>, void(Outcome)>(
        initiate, asio::use_awaitable, std::move(job));
}

}  // namespace runs_agent::sqlite
