// SPDX-License-Identifier: MIT
#include "runs_server/http/key_searches.hpp"

#include "runs_server/answers/answers.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <bit>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <new>
#include <optional>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

namespace runs_agent::runs_server {

namespace asio = boost::asio;
using Outcome = KeySearch::Outcome;

namespace {

/// A search and who waits for it. `finish` is called exactly once.
struct Job {
    explicit Job(std::shared_ptr<const net::HttpRequest> request) : search(std::move(request)) {}

    KeySearch search;
    std::function<void(Outcome)> finish;
};
using Queue = FairQueue<std::unique_ptr<Job>>;

net::HttpResponse too_many() {
    return try_again("too many reports wait to be looked at; send it again in a moment");
}

/// Below what every thread of the program has, so that the slow lane takes time that nobody wants.
/// Where it cannot be lowered it works on as it is.
void lower_priority() {
    constexpr int niceness = 10;
    (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), niceness);
}

std::optional<Outcome> go_on(KeySearch& search, std::size_t bytes) {
    try {
        return search.go_on(bytes);
    } catch (const std::bad_alloc&) {
        return try_again("there is no memory for it now; send it again in a moment");
    }
}

}  // namespace

std::uint64_t fast_rank(const KeySearch& search) {
    // 0 for who has had no turn; from then on it grows as what was looked through is doubled.
    return static_cast<std::uint64_t>(std::bit_width(search.looked_through()));
}

std::uint64_t slow_rank(const KeySearch& search) {
    return static_cast<std::uint64_t>(std::bit_width(search.expansion()));
}

struct KeySearches::State {
    struct Lane {
        Lane(std::size_t places, std::uint64_t bytes) : queue(places, bytes) {}

        std::mutex mutex;
        std::condition_variable wake;
        Queue queue;
        bool closing = false;
        std::thread thread;
        std::atomic<std::uint64_t> looked_through{0};
    };

    explicit State(KeySearchLimits given)
        : limits(given),
          fast(given.fast_places, given.max_bytes),
          slow(given.slow_places, given.max_bytes) {}

    KeySearchLimits limits;
    Lane fast;
    Lane slow;
    std::atomic<std::uint64_t> refused{0};

    void push(Lane& lane, Queue::Entry entry);
    static std::optional<Queue::Entry> take(Lane& lane);
    /// Its outcome, if the turn has brought it to its end.
    static std::optional<Outcome> turn(Lane& lane, Job& job, std::size_t bytes);
    static void done(Lane& lane, const Queue::Entry& entry);
    static void put_back(Lane& lane, Queue::Entry entry);
    void work_fast();
    void work_slow();
    static void close(Lane& lane);
};

void KeySearches::State::push(Lane& lane, Queue::Entry entry) {
    std::deque<Queue::Entry> victims;
    {
        const std::lock_guard lock(lane.mutex);
        if (lane.closing) {
            victims.push_back(std::move(entry));
        } else {
            victims = lane.queue.push(std::move(entry));
        }
    }
    lane.wake.notify_one();
    for (const Queue::Entry& victim : victims) {
        ++refused;
        victim.work->finish(too_many());
    }
}

std::optional<Queue::Entry> KeySearches::State::take(Lane& lane) {
    std::unique_lock lock(lane.mutex);
    lane.wake.wait(lock, [&lane] { return lane.closing || !lane.queue.empty(); });
    if (lane.closing) return std::nullopt;
    return lane.queue.take();
}

std::optional<Outcome> KeySearches::State::turn(Lane& lane, Job& job, std::size_t bytes) {
    const std::uint64_t before = job.search.looked_through();
    auto outcome = go_on(job.search, bytes);
    lane.looked_through += job.search.looked_through() - before;
    return outcome;
}

void KeySearches::State::done(Lane& lane, const Queue::Entry& entry) {
    const std::lock_guard lock(lane.mutex);
    lane.queue.done(entry);
}

void KeySearches::State::put_back(Lane& lane, Queue::Entry entry) {
    const std::lock_guard lock(lane.mutex);
    lane.queue.put_back(std::move(entry));
}

void KeySearches::State::work_fast() {
    while (auto entry = take(fast)) {
        Job& job = *entry->work;
        auto outcome = turn(fast, job, limits.fast_turn);
        if (!outcome && job.search.looked_through() < limits.fast_reach) {
            entry->rank = fast_rank(job.search);
            put_back(fast, std::move(*entry));
            continue;
        }
        done(fast, *entry);
        if (outcome) {
            job.finish(std::move(*outcome));
        } else {
            entry->rank = slow_rank(job.search);
            push(slow, std::move(*entry));
        }
    }
}

void KeySearches::State::work_slow() {
    lower_priority();
    while (auto entry = take(slow)) {
        Job& job = *entry->work;
        auto outcome = turn(slow, job, limits.slow_turn);
        if (outcome) {
            done(slow, *entry);
            job.finish(std::move(*outcome));
        } else {
            entry->rank = slow_rank(job.search);
            put_back(slow, std::move(*entry));
        }
    }
}

void KeySearches::State::close(Lane& lane) {
    {
        const std::lock_guard lock(lane.mutex);
        lane.closing = true;
    }
    lane.wake.notify_all();
    if (lane.thread.joinable()) lane.thread.join();
    while (!lane.queue.empty()) {
        const Queue::Entry entry = lane.queue.take();
        lane.queue.done(entry);
        entry.work->finish(too_many());
    }
}

KeySearches::KeySearches(KeySearchLimits limits) : state_(std::make_unique<State>(limits)) {
    State& state = *state_;
    state.fast.thread = std::thread([&state] { state.work_fast(); });
    state.slow.thread = std::thread([&state] { state.work_slow(); });
}

KeySearches::~KeySearches() {
    State::close(state_->fast);
    State::close(state_->slow);
}

asio::awaitable<Outcome> KeySearches::find(std::shared_ptr<const net::HttpRequest> request) {
    auto initiate = [this](auto handler, std::shared_ptr<const net::HttpRequest> of) {
        auto executor = asio::get_associated_executor(handler);
        auto guard = asio::make_work_guard(executor);
        auto waiting = std::make_shared<decltype(handler)>(std::move(handler));
        Queue::Entry entry;
        entry.peer = of->peer;
        entry.bytes = of->body.size();
        entry.work = std::make_unique<Job>(std::move(of));
        entry.work->finish = [waiting, guard = std::move(guard),
                              executor](Outcome outcome) mutable {
            // The guard goes along: nothing of the executor may be touched once its work is done.
            auto result = std::make_shared<Outcome>(std::move(outcome));
            asio::post(executor, [result, waiting, guard = std::move(guard)] {
                (*waiting)(std::move(*result));
            });
        };
        state_->push(state_->fast, std::move(entry));
    };
    return asio::async_initiate<const asio::use_awaitable_t<>, void(Outcome)>(
        initiate, asio::use_awaitable, std::move(request));
}

KeySearches::Counts KeySearches::counts() const {
    return {state_->fast.looked_through, state_->slow.looked_through, state_->refused};
}

}  // namespace runs_agent::runs_server
