// SPDX-License-Identifier: MIT
// Sends the webhooks of the embedded Runs API: takes what is due out of the database, posts it,
// bounded in number, and tries again later and later what was not taken, for three days. At least
// once: a process that is ended while it sends leaves what it sent to the next. Also notices which
// runs have timed out.
#pragma once

#include "base/awaitable.hpp"
#include "base/clock.hpp"
#include "net/client/http_client.hpp"
#include "observe/log.hpp"
#include "sqlite/worker.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace runs_agent::runs_server {

struct NotifierOptions {
    /// Of this server, for runs whose reporter's request is not known any more.
    std::string base_url;
    std::size_t concurrency = 16;
    std::size_t per_hook = 4;  // of these
    /// After the first try in vain; twice as long after each, up to the longest, with up to a
    /// fifth less by chance, so that what failed together does not come together again.
    std::chrono::milliseconds first_pause{5'000};
    std::chrono::milliseconds longest_pause = std::chrono::hours(1);
    /// After this no try follows.
    std::chrono::milliseconds give_up_after = std::chrono::hours(72);
    /// The longest sleep.
    std::chrono::milliseconds poll{30'000};
    /// After the database, or this program, was in trouble.
    std::chrono::milliseconds trouble_pause{5'000};
};

class Notifier {
public:
    /// `random` gives uniform numbers in [0, 1). Refers to all it is given until it is destroyed;
    /// what is under way then is left. Everything runs on `executor` (one thread).
    Notifier(const boost::asio::any_io_executor& executor, sqlite::Worker& database,
             net::HttpTransport& http, Clock& clock, Log& log, std::function<double()> random,
             NotifierOptions options);
    ~Notifier();
    Notifier(const Notifier&) = delete;
    Notifier& operator=(const Notifier&) = delete;

    /// Begins to work, with what an earlier process has left over.
    void start();

    /// There may be something new to be sent.
    void wake();

    /// Begins nothing more from now on.
    void begin_no_more();

    /// Begins nothing more, and waits for what is under way, `bound` at the longest; what is not
    /// done by then, the next process sends (again).
    Awaitable<void> stop(std::chrono::milliseconds bound);

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace runs_agent::runs_server
