// SPDX-License-Identifier: MIT
// Runs database jobs on threads of its own and brings their results back to the caller's executor.
// Writes that wait at the same time share one commit, and so one fsync: that is what makes many
// durable answers a second possible. Reads have a second connection, so no reader delays a writer.
#pragma once

#include "base/error.hpp"
#include "sqlite/database.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace runs_agent::sqlite {

struct WorkerOptions {
    std::size_t max_waiting = 8192;  // jobs of each kind; more are refused with Errc::busy
    std::size_t max_batch = 256;     // writes that share one commit
    bool leaves_log = false;         // Database::leave_log(), of what writes
    /// Is told of each commit that succeeded, on the writing thread.
    std::function<void(std::chrono::nanoseconds took, std::size_t jobs)> on_commit = {};
};

/// The contexts whose coroutines await a Worker must outlive it.
class Worker {
public:
    /// Opens the file twice (write and read) and migrates it. Throws
    /// SqliteError.
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
    class Task;
    template <class Job, class Handler>
    class JobTask;
    void enqueue(Kind kind, std::unique_ptr<Task> task);

    template <class Job>
    auto submit(Kind kind, bool may_run_again, Job job)
        -> boost::asio::awaitable<std::invoke_result_t<Job&, Database&>>;

    struct State;
    std::unique_ptr<State> state_;
};

/// One job as the threads see it: it is run, perhaps failed instead, and then resumed, once.
class Worker::Task {
public:
    using Executor = boost::asio::any_io_executor;

    Task(const Executor& executor, bool may_run_again)
        : guard_(executor), may_run_again_(may_run_again) {}
    virtual ~Task() = default;
    Task(const Task&) = delete;
    Task& operator=(const Task&) = delete;

    bool may_run_again() const { return may_run_again_; }
    Executor executor() const { return guard_.get_executor(); }

    /// Does the work, on a thread of the worker's, and keeps its result.
    virtual std::optional<Error> run(Database& database) = 0;
    /// Keeps the error instead.
    virtual void fail(Error error) = 0;
    /// Hands what was kept to whoever awaits it, on the executor.
    virtual void resume() = 0;

private:
    // Nothing of the executor may be touched once its work is done.
    boost::asio::executor_work_guard<Executor> guard_;
    bool may_run_again_;
};

template <class Job, class Handler>
class Worker::JobTask final : public Task {
public:
    JobTask(const Task::Executor& executor, bool may_run_again, Job job, Handler handler)
        : Task(executor, may_run_again), job_(std::move(job)), handler_(std::move(handler)) {}

    std::optional<Error> run(Database& database) override {
        result_.emplace(job_(database));
        if (result_->has_error()) return result_->error();
        return std::nullopt;
    }
    void fail(Error error) override { result_.emplace(std::move(error)); }
    void resume() override { std::move(handler_)(std::move(*result_)); }

private:
    Job job_;
    Handler handler_;
    std::optional<std::invoke_result_t<Job&, Database&>> result_;
};

template <class Job>
auto Worker::submit(Kind kind, bool may_run_again, Job job)
    -> boost::asio::awaitable<std::invoke_result_t<Job&, Database&>> {
    namespace asio = boost::asio;
    using Outcome = std::invoke_result_t<Job&, Database&>;
    auto initiate = [this, kind, may_run_again](auto handler, Job work) {
        using Handler = decltype(handler);
        Task::Executor executor = asio::get_associated_executor(handler);
        enqueue(kind, std::make_unique<JobTask<Job, Handler>>(std::move(executor), may_run_again,
                                                              std::move(work), std::move(handler)));
    };
    return asio::async_initiate<const asio::use_awaitable_t<>, void(Outcome)>(
        initiate, asio::use_awaitable, std::move(job));
}

}  // namespace runs_agent::sqlite
