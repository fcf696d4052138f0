// GitHub does not deliver again by itself, so the agent asks for what it missed: at its start, and
// every few minutes. Nothing needs to be sent again: a missed delivery is read from the hook's log,
// or made up from the run it would have told of, and stored as if it had come.
// Source: docs.github.com, "Handling failed webhook deliveries".
#pragma once

#include "base/clock.hpp"
#include "base/wakeup.hpp"
#include "webhooks/catch_up_round.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <functional>
#include <string>

namespace runs_agent::webhooks {

class CatchUp {
public:
    /// `on_accepted` is called when something that is to be decided was stored. All on `executor`
    /// (one thread).
    CatchUp(const boost::asio::any_io_executor& executor, store::Store& store,
            github::GitHub& github, Clock& clock, Log& log, std::function<void()> on_accepted);

    /// Looks at once, and then again after each pause, until stop().
    boost::asio::awaitable<void> run();

    /// One round.
    boost::asio::awaitable<CatchUpOutcome> look();

    /// Ends run() after the request under way.
    void stop();

private:
    store::Store& store_;
    github::GitHub& github_;
    Clock& clock_;
    Log& log_;
    std::function<void()> on_accepted_;
    CatchUpMemory memory_;
    std::string complaint_;  // the last round's
    Wakeup wakeup_;
    bool stopping_ = false;
};

}  // namespace runs_agent::webhooks
