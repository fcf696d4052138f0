// SPDX-License-Identifier: MIT
// Runs database jobs on threads of its own, each with a connection, and brings their results back
// to the caller's executor. What was lost with a connection is done once more: a restart of the
// server or a fail-over is a delay, and an error only where it lasts.
#pragma once

#include "base/error.hpp"
#include "postgres/connection.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace runs_agent::postgres {

struct PoolOptions {
    std::size_t connections = 5;     // and threads
    std::size_t max_waiting = 8192;  // jobs; more are refused with Errc::busy
    std::size_t max_together = 128;  // jobs that share one commit
    /// How long a job is begun anew where the server is away, or something holds what it needs.
    /// GitHub waits ten seconds for the answer to a delivery.
    std::chrono::milliseconds patience{6'000};
    TimeLimits limits;
    /// Is told of each commit of what may have written: how long its transaction took, and how many
    /// jobs shared it. On the threads of the pool, several at once.
    std::function<void(std::chrono::nanoseconds took, std::size_t jobs)> on_commit = {};
};

/// The contexts whose coroutines await a Pool must outlive it. Jobs may be done more than once: one
/// whose connection was lost before its end, or at its very commit, when nobody can tell whether
/// that succeeded. What a job leaves in the database must bear that.
class Pool {
public:
    /// Connects when there is something to do.
    Pool(Target target, PoolOptions options);
    /// As close().
    ~Pool();

    /// Runs `job(Connection&)` in a transaction (read committed). The awaited result comes only
    /// after the commit. A job that throws or returns an error is rolled back. Errors: store, busy,
    /// stopping, and the job's own.
    template <class Job>
    auto write(Job job) -> boost::asio::awaitable<std::invoke_result_t<Job&, Connection&>> {
        return submit(Kind::write, std::string(), std::move(job));
    }
    /// The same, but jobs that wait at the same time share a transaction, in the order of their
    /// keys: two pools that write the same rows do so in the same order, and never wait for each
    /// other. Where one of them fails, each is done by itself.
    template <class Job>
    auto write_together(std::string key, Job job)
        -> boost::asio::awaitable<std::invoke_result_t<Job&, Connection&>> {
        return submit(Kind::together, std::move(key), std::move(job));
    }
    /// Runs `job(Connection&)` in a read-only transaction that sees one moment.
    template <class Job>
    auto read(Job job) -> boost::asio::awaitable<std::invoke_result_t<Job&, Connection&>> {
        return submit(Kind::read, std::string(), std::move(job));
    }

    /// Ends what is under way, refuses what waits with Errc::stopping, and takes nothing more.
    /// Blocks for what is under way; for the end of a program.
    void close();

private:
    enum class Kind { write, together, read };

    /// One job as the threads see it: `run` does the work and keeps its result, and may be called
    /// again; `finish` hands the result (or, where given, the error) to whoever awaits it, once.
    struct Task {
        Kind kind = Kind::write;
        std::string key;
        std::chrono::steady_clock::time_point since = std::chrono::steady_clock::now();
        std::function<std::optional<Error>(Connection&)> run;
        std::function<void(std::optional<Error>)> finish;
    };
    void enqueue(Task task);

    template <class Job>
    auto submit(Kind kind, std::string key, Job job)
        -> boost::asio::awaitable<std::invoke_result_t<Job&, Connection&>>;

    struct State;
    std::unique_ptr<State> state_;
};

template <class Job>
auto Pool::submit(Kind kind, std::string key, Job job)
    -> boost::asio::awaitable<std::invoke_result_t<Job&, Connection&>> {
    namespace asio = boost::asio;
    using Outcome = std::invoke_result_t<Job&, Connection&>;
    auto initiate = [this, kind](auto handler, std::string order, Job work) {
        auto executor = asio::get_associated_executor(handler);
        auto guard = asio::make_work_guard(executor);
        auto result = std::make_shared<std::optional<Outcome>>();
        auto waiting = std::make_shared<decltype(handler)>(std::move(handler));
        Task task;
        task.kind = kind;
        task.key = std::move(order);
        task.run = [result, work = std::move(work)](
                       Connection& connection) mutable -> std::optional<Error> {
            result->emplace(work(connection));
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
        enqueue(std::move(task));
    };
    return asio::async_initiate<const asio::use_awaitable_t<>, void(Outcome)>(
        initiate, asio::use_awaitable, std::move(key), std::move(job));
}

}  // namespace runs_agent::postgres
