// SPDX-License-Identifier: MIT
#include "postgres/pool.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace runs_agent::postgres {

namespace {

using SteadyPoint = std::chrono::steady_clock::time_point;

Error closing_error() {
    return fail(Errc::stopping, "the database is being closed");
}

}  // namespace

struct Pool::State {
    State(Target to, PoolOptions given) : target(std::move(to)), options(std::move(given)) {}

    using Batch = std::vector<Task>;
    using Slot = std::unique_ptr<Connection>;  // a thread's; empty: not connected

    Target target;
    PoolOptions options;
    std::mutex mutex;
    std::condition_variable wake;    // there is something to do
    std::condition_variable closed;  // for those who wait for the server's return
    std::deque<Task> waiting;
    bool closing = false;
    std::vector<std::thread> threads;

    void work();
    Batch take();
    bool pause(std::chrono::milliseconds time);
    void perform(Slot& slot, Batch batch);
    std::optional<PostgresError> try_once(Slot& slot, Batch& batch,
                                          std::vector<std::optional<Error>>& errors);
    void transact(Slot& slot, Batch& batch, std::vector<std::optional<Error>>& errors) const;
};

/// Takes what waits next, with what may share its transaction; empty when the pool is closed.
Pool::State::Batch Pool::State::take() {
    std::unique_lock lock(mutex);
    wake.wait(lock, [this] { return closing || !waiting.empty(); });
    Batch batch;
    if (waiting.empty()) return batch;
    // The front has waited longest: its patience is that of all.
    batch.push_back(std::move(waiting.front()));
    waiting.pop_front();
    if (batch.front().kind != Kind::together) return batch;
    for (auto next = waiting.begin();
         next != waiting.end() && batch.size() < options.max_together;) {
        if (next->kind != Kind::together) {
            ++next;
            continue;
        }
        batch.push_back(std::move(*next));
        next = waiting.erase(next);
    }
    const auto since = batch.front().since;
    std::sort(batch.begin(), batch.end(),
              [](const Task& a, const Task& b) { return a.key < b.key; });
    batch.front().since = since;
    return batch;
}

/// False where the pool is closed meanwhile.
bool Pool::State::pause(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex);
    return !closed.wait_for(lock, time, [this] { return closing; });
}

/// One transaction for all of them. Throws what a job throws; where a lone job returns an error, it
/// is rolled back.
void Pool::State::transact(Slot& slot, Batch& batch,
                           std::vector<std::optional<Error>>& errors) const {
    if (!slot) slot = std::make_unique<Connection>(target, options.limits);
    const auto began = std::chrono::steady_clock::now();
    slot->execute(batch.front().kind == Kind::read
                      ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
                      : "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE");
    bool failed = false;
    for (std::size_t i = 0; i < batch.size(); ++i) {
        errors[i] = batch[i].run(*slot);
        failed = failed || errors[i].has_value();
    }
    slot->execute(failed ? "ROLLBACK" : "COMMIT");
    if (!failed && options.on_commit && batch.front().kind != Kind::read)
        options.on_commit(std::chrono::steady_clock::now() - began, batch.size());
    if (failed && batch.size() > 1) throw std::runtime_error("one of several jobs failed");
}

/// Absent: it is done, or `errors` says what is wrong with it. Present: it may be tried again.
std::optional<PostgresError> Pool::State::try_once(Slot& slot, Batch& batch,
                                                   std::vector<std::optional<Error>>& errors) {
    const auto undo = [&slot] {
        try {
            if (slot) slot->execute("ROLLBACK");
        } catch (const std::exception&) {
            slot.reset();  // what cannot be rolled back is lost with its connection
        }
    };
    try {
        transact(slot, batch, errors);
        return std::nullopt;
    } catch (const PostgresError& error) {
        if (error.lost_connection()) slot.reset();
        undo();
        if (error.passes()) return error;
        errors.assign(batch.size(), fail(Errc::store, error.what()));
    } catch (const std::exception& error) {
        // A mistake of ours in one job, or no memory for it, must not end the process.
        undo();
        errors.assign(batch.size(), fail(Errc::store, error.what()));
    }
    return std::nullopt;
}

void Pool::State::perform(Slot& slot, Batch batch) {
    constexpr std::chrono::milliseconds first_pause{50};
    constexpr std::chrono::milliseconds longest_pause{1'000};
    const SteadyPoint end = batch.front().since + options.patience;
    std::vector<std::optional<Error>> errors(batch.size());
    auto between = first_pause;
    while (const auto failed = try_once(slot, batch, errors)) {
        errors.assign(batch.size(), fail(Errc::store, failed->what()));
        const bool late = std::chrono::steady_clock::now() + between > end;
        if (late || !pause(between)) break;
        between = std::min(between * 2, longest_pause);
    }
    const bool any_failed =
        std::any_of(errors.begin(), errors.end(), [](const auto& error) { return bool(error); });
    const bool may_go_alone = std::chrono::steady_clock::now() < end;
    if (any_failed && batch.size() > 1 && may_go_alone) {
        // One of them may be at fault: the others must not suffer for it.
        for (Task& task : batch) {
            Batch alone;
            alone.push_back(std::move(task));
            perform(slot, std::move(alone));
        }
        return;
    }
    for (std::size_t i = 0; i < batch.size(); ++i) batch[i].finish(std::move(errors[i]));
}

void Pool::State::work() {
    Slot slot;
    for (;;) {
        Batch batch = take();
        if (batch.empty()) return;
        perform(slot, std::move(batch));
    }
}

Pool::Pool(Target target, PoolOptions options)
    : state_(std::make_unique<State>(std::move(target), std::move(options))) {
    for (std::size_t i = 0; i < state_->options.connections; ++i)
        state_->threads.emplace_back([state = state_.get()] { state->work(); });
}

Pool::~Pool() {
    close();
}

void Pool::close() {
    std::deque<Task> refused;
    {
        const std::lock_guard lock(state_->mutex);
        state_->closing = true;
        refused.swap(state_->waiting);
    }
    state_->wake.notify_all();
    state_->closed.notify_all();
    for (std::thread& thread : state_->threads)
        if (thread.joinable()) thread.join();
    for (Task& task : refused) task.finish(closing_error());
}

void Pool::enqueue(Task task) {
    std::optional<Error> refused;
    {
        const std::lock_guard lock(state_->mutex);
        if (state_->closing) {
            refused = closing_error();
        } else if (state_->waiting.size() >= state_->options.max_waiting) {
            refused = fail(Errc::busy, "too many database jobs wait; try again shortly");
        } else {
            state_->waiting.push_back(std::move(task));
            state_->wake.notify_one();
            return;
        }
    }
    task.finish(std::move(refused));
}

}  // namespace runs_agent::postgres
