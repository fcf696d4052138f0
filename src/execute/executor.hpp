// SPDX-License-Identifier: MIT
// Turns planned calls into answers: claims what is due (in what order, the store says), at most
// `concurrency` at once, performs it, and records what came of it. All of its state that matters is
// in the store, so a crash at any moment loses nothing and repeats at most what was under way.
#pragma once

#include "base/clock.hpp"
#include "base/wakeup.hpp"
#include "execute/answer.hpp"
#include "execute/perform.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"
#include "runs_api/runs_api.hpp"
#include "store/store.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace runs_agent::execute {

struct ExecutorOptions {
    int concurrency = 32;  // a thousand calls a second of a service that answers in 20 ms
    /// After this another process may take a call over. This one never begins a call twice.
    std::chrono::milliseconds lease = std::chrono::minutes(10);
    /// The longest sleep: calls made due by another process (a replay) are found after it.
    std::chrono::milliseconds poll{2'000};
    /// After something unexpected of our own (a bug, no memory) in claiming what is due.
    std::chrono::milliseconds pause_after_bug{10'000};
    /// After this a held call asks whether the key is mended; later and later while it is not.
    std::chrono::milliseconds held_probe{30'000};
    /// A pause that the Runs API asks for with a 503 is no longer: it may be a proxy's word, and
    /// after it a few calls find out.
    std::chrono::milliseconds longest_outage = std::chrono::minutes(5);
    /// What the Runs API is called where pauses are kept (Store::record_pause), asked each time:
    /// its address and key, so that what one asked for does not hold for another.
    std::function<std::string()> service = [] { return std::string(store::runs_api_service); };
    RetryPolicy retry;
    bool dry_run = false;  // calls are recorded as done, and say that they were not sent
};

class Executor {
public:
    /// `random` gives uniform numbers in [0, 1). Everything runs on `executor` (one thread).
    Executor(boost::asio::any_io_executor executor, store::Store& store, runs_api::RunsApi& api,
             github::GitHub& github, Clock& clock, Log& log, Metrics& metrics,
             std::function<double()> random, ExecutorOptions options = {});

    /// Works until stop(). Calls left over by an earlier process are taken up first.
    boost::asio::awaitable<void> run();

    /// There may be new calls.
    void wake() { wakeup_.notify(); }

    /// Claims nothing more; run() ends when the calls under way have been recorded.
    void stop();

    int in_flight() const { return static_cast<int>(in_flight_.size()); }
    int max_in_flight() const { return options_.concurrency; }

private:
    boost::asio::awaitable<void> take_up();
    boost::asio::awaitable<void> work();
    boost::asio::awaitable<void> see_clock();
    boost::asio::awaitable<Time> claim_and_start();
    void start(store::Call call);
    boost::asio::awaitable<void> give_back(std::vector<store::Call> calls);
    boost::asio::awaitable<void> probe_held();
    boost::asio::awaitable<void> execute(store::Call call);
    boost::asio::awaitable<Performed> perform(store::Call call);
    void ended(std::int64_t id, const std::exception_ptr& bug);
    boost::asio::awaitable<void> heed(store::Call call, Reply reply);
    void count(const store::Call& call, const store::AfterTry& after, Time now);
    boost::asio::awaitable<void> record(store::Call call, store::Try tried, store::AfterTry after);

    boost::asio::any_io_executor executor_;
    store::Store& store_;
    Clock& clock_;
    Log& log_;
    Metrics& metrics_;
    std::function<double()> random_;
    ExecutorOptions options_;
    Performer performer_;
    Wakeup wakeup_;
    std::set<std::int64_t> in_flight_;           // ids of calls
    std::map<std::int64_t, store::Call> again_;  // claimed once more while in flight
    std::map<std::int64_t, int> broken_;         // calls, by how often in a row a bug ended a try
    bool stopping_ = false;
    Time next_probe_{};
    Time latest_{};  // the latest time that was seen
};

}  // namespace runs_agent::execute
