// SPDX-License-Identifier: MIT
#include "sqlite/worker.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <iterator>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace runs_agent::sqlite {

namespace {

Error store_error(const std::exception& error) {
    return fail(Errc::store, error.what());
}

Error closing_error() {
    return fail(Errc::stopping, "the database is being closed");
}

}  // namespace

struct Worker::State {
    using Tasks = std::vector<std::unique_ptr<Task>>;

    /// One thread with its connection and the jobs that wait for it.
    struct Lane {
        explicit Lane(const std::string& path) : database(path) {}

        Database database;
        std::mutex mutex;
        std::condition_variable wake;
        std::deque<std::unique_ptr<Task>> waiting;
        bool closing = false;
        std::thread thread;
    };

    State(const std::string& path, WorkerOptions given)
        : options(std::move(given)), writer(path), reader(path) {}

    WorkerOptions options;
    Lane writer;
    Lane reader;

    /// Takes what waits, at most one batch; empty when the lane is closed.
    static Tasks take(Lane& lane, std::size_t most);
    void write_batch(Database& database, Tasks batch) const;
    static std::optional<Error> run(Database& database, Task& task);
    static bool run_together(Database& database, const Tasks& batch,
                             std::vector<std::optional<Error>>& errors);
    static void run_each(Database& database, const Tasks& batch,
                         std::vector<std::optional<Error>>& errors);
    static void read_one(Database& database, Tasks one);
    static void resume(Tasks tasks);
    static void close(Lane& lane);
};

Worker::State::Tasks Worker::State::take(Lane& lane, std::size_t most) {
    std::unique_lock lock(lane.mutex);
    lane.wake.wait(lock, [&lane] { return lane.closing || !lane.waiting.empty(); });
    Tasks batch;
    while (!lane.waiting.empty() && batch.size() < most) {
        batch.push_back(std::move(lane.waiting.front()));
        lane.waiting.pop_front();
    }
    return batch;
}

namespace {

void do_now(Database& database, std::string_view statement) {
    database.prepare(statement).run();
}

void roll_back(Database& database) {
    try {
        do_now(database, "ROLLBACK");
    } catch (const SqliteError&) {
        // BEGIN itself failed; or what failed (a full disk) has rolled back already.
    }
}

}  // namespace

std::optional<Error> Worker::State::run(Database& database, Task& task) {
    try {
        return task.run(database);
    } catch (const std::exception& error) {
        // Not only SqliteError: one delivery that is too large for the memory must not end
        // the process again and again.
        return store_error(error);
    }
}

/// Without a savepoint for each, which costs a copy of every page that it changes. False, with
/// nothing of them done, where one failed that is not alone.
bool Worker::State::run_together(Database& database, const Tasks& batch,
                                 std::vector<std::optional<Error>>& errors) {
    for (std::size_t i = 0; i < batch.size(); ++i) {
        errors[i] = run(database, *batch[i]);
        if (!errors[i]) continue;
        roll_back(database);
        do_now(database, "BEGIN IMMEDIATE");
        return batch.size() == 1;
    }
    return true;
}

void Worker::State::run_each(Database& database, const Tasks& batch,
                             std::vector<std::optional<Error>>& errors) {
    for (std::size_t i = 0; i < batch.size(); ++i) {
        // A savepoint each: one job's failure takes back nothing of its neighbours.
        do_now(database, "SAVEPOINT job");
        errors[i] = run(database, *batch[i]);
        if (errors[i]) do_now(database, "ROLLBACK TO job");
        do_now(database, "RELEASE job");
    }
}

void Worker::State::write_batch(Database& database, Tasks batch) const {
    const auto began = std::chrono::steady_clock::now();
    std::vector<std::optional<Error>> errors(batch.size());
    std::optional<Error> common;
    try {
        do_now(database, "BEGIN IMMEDIATE");
        const bool together = batch.size() == 1 ||
                              std::all_of(batch.begin(), batch.end(),
                                          [](const auto& task) { return task->may_run_again(); });
        if (!together || !run_together(database, batch, errors)) run_each(database, batch, errors);
        do_now(database, "COMMIT");
    } catch (const std::exception& error) {
        // Nothing of this batch is on disk, so none of its jobs may be told that it is.
        common = store_error(error);
        roll_back(database);
    }
    if (!common && options.on_commit)
        options.on_commit(std::chrono::steady_clock::now() - began, batch.size());
    for (std::size_t i = 0; i < batch.size(); ++i) {
        if (common)
            batch[i]->fail(*common);
        else if (errors[i])
            batch[i]->fail(std::move(*errors[i]));
    }
    resume(std::move(batch));
}

void Worker::State::read_one(Database& database, Tasks one) {
    std::optional<Error> failed;
    try {
        do_now(database, "BEGIN");
        failed = one.front()->run(database);
        do_now(database, "COMMIT");
    } catch (const std::exception& error) {
        failed = store_error(error);
        roll_back(database);
    }
    if (failed) one.front()->fail(std::move(*failed));
    resume(std::move(one));
}

/// Those of one executor in one step of it, as each step of its own would wake it anew. What one of
/// them throws is thrown by the step, and those behind it are never resumed: it ends the process.
void Worker::State::resume(Tasks tasks) {
    while (!tasks.empty()) {
        const auto executor = tasks.front()->executor();
        Tasks same;
        Tasks left;
        for (auto& task : tasks)
            (task->executor() == executor ? same : left).push_back(std::move(task));
        boost::asio::post(executor, [together = std::move(same)]() mutable {
            for (auto& task : together) std::exchange(task, nullptr)->resume();
        });
        tasks = std::move(left);
    }
}

void Worker::State::close(Lane& lane) {
    Tasks refused;
    {
        const std::lock_guard lock(lane.mutex);
        lane.closing = true;
        refused.assign(std::make_move_iterator(lane.waiting.begin()),
                       std::make_move_iterator(lane.waiting.end()));
        lane.waiting.clear();
    }
    lane.wake.notify_all();
    if (lane.thread.joinable()) lane.thread.join();
    for (auto& task : refused) task->fail(closing_error());
    resume(std::move(refused));
}

Worker::Worker(const std::string& path, std::span<const char* const> migrations,
               WorkerOptions options)
    : state_(std::make_unique<State>(path, std::move(options))) {
    State& state = *state_;
    state.writer.database.migrate(migrations);
    if (state.options.leaves_log) state.writer.database.leave_log();
    state.writer.thread = std::thread([&state] {
        for (;;) {
            auto batch = State::take(state.writer, state.options.max_batch);
            if (batch.empty()) return;
            state.write_batch(state.writer.database, std::move(batch));
        }
    });
    state.reader.thread = std::thread([&state] {
        for (;;) {
            auto batch = State::take(state.reader, 1);
            if (batch.empty()) return;
            State::read_one(state.reader.database, std::move(batch));
        }
    });
}

Worker::~Worker() {
    close();
}

void Worker::close() {
    State::close(state_->reader);
    State::close(state_->writer);
}

void Worker::enqueue(Kind kind, std::unique_ptr<Task> task) {
    State::Lane& lane = kind == Kind::write ? state_->writer : state_->reader;
    std::optional<Error> refused;
    {
        const std::lock_guard lock(lane.mutex);
        if (lane.closing) {
            refused = closing_error();
        } else if (lane.waiting.size() >= state_->options.max_waiting) {
            refused = fail(Errc::busy, "too many database jobs wait; try again shortly");
        } else {
            lane.waiting.push_back(std::move(task));
            lane.wake.notify_one();
            return;
        }
    }
    task->fail(std::move(*refused));
    State::Tasks one;
    one.push_back(std::move(task));
    State::resume(std::move(one));
}

}  // namespace runs_agent::sqlite
