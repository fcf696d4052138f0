// One round of catching up: every hook's log, and where that may not be read, the runs of its
// repositories. One request at a time, and none after GitHub asked to wait.
#pragma once

#include "observe/log.hpp"
#include "webhooks/catch_up_plan.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace runs_agent::webhooks {

/// What came of a round.
struct CatchUpOutcome {
    int hooks = 0;        // that were looked at, by their logs or their repositories' runs
    int found = 0;        // what had been missed
    int accepted = 0;     // of that, what is stored now
    bool failed = false;  // something is left, for the next round
    std::string error;    // the first thing that went wrong
    std::chrono::milliseconds pause{0};  // until the next round
};

/// What outlives a round: what will never be had.
struct CatchUpMemory {
    std::set<std::string> lost;                   // GUIDs
    std::set<std::pair<std::int64_t, int>> gone;  // runs, by id and attempt
    std::set<std::string> cut_short;              // repositories whose runs are too many to list
};

class CatchUpRound {
public:
    /// `on_accepted` is called when something that is to be decided was stored; `stopping` may
    /// become true at any time.
    CatchUpRound(store::Store& store, github::GitHub& github, const Clock& clock, Log& log,
                 const std::function<void()>& on_accepted, CatchUpMemory& memory,
                 const bool& stopping);

    boost::asio::awaitable<CatchUpOutcome> run();

private:
    using Runs = std::map<std::int64_t, github::WorkflowRun>;

    bool over() const { return over_ || stopping_; }
    void fail_with(const std::string& error);
    /// Notes an answer that is not fine. Returns its verdict.
    template <class Value>
    Verdict take(const std::string& about, const Result<github::Answer<Value>>& answer) {
        const auto retry_after = answer.has_value() ? answer->retry_after : std::nullopt;
        const Verdict verdict = judge(answer);
        return note(verdict, retry_after,
                    verdict == Verdict::fine ? "" : about + ": " + words_of(answer));
    }
    Verdict note(Verdict verdict, std::optional<std::chrono::milliseconds> retry_after,
                 const std::string& words);

    boost::asio::awaitable<void> look_at(store::HeardHook hook);
    boost::asio::awaitable<Verdict> read_log(github::Hook hook, DeliveryGroups& groups);
    boost::asio::awaitable<bool> fetch_all(store::HeardHook hook, github::Hook source,
                                           std::vector<MissedDelivery> missed);
    boost::asio::awaitable<bool> fetch(store::HeardHook hook, github::Hook source,
                                       MissedDelivery missed);
    boost::asio::awaitable<void> fall_back(store::HeardHook hook, std::optional<Time> last_look);

    boost::asio::awaitable<bool> look_at_repositories();
    boost::asio::awaitable<bool> look_at_repository(std::string repository,
                                                    std::optional<Time> since);
    boost::asio::awaitable<Verdict> list(github::ListWorkflowRuns query, Runs& runs);
    boost::asio::awaitable<bool> add_open(std::string repository, Runs& runs);
    boost::asio::awaitable<bool> add_older(std::string repository, const Runs& runs,
                                           const std::vector<store::HeardAttempt>& heard,
                                           std::vector<github::WorkflowRun>& found);
    boost::asio::awaitable<bool> tell(std::string repository, Runs runs);
    boost::asio::awaitable<bool> tell_of(std::string repository,
                                         std::vector<github::WorkflowRun> runs);

    boost::asio::awaitable<bool> accept(Delivery delivery);
    boost::asio::awaitable<void> looked(std::string name);

    store::Store& store_;
    github::GitHub& github_;
    const Clock& clock_;
    Log& log_;
    const std::function<void()>& on_accepted_;
    CatchUpMemory& memory_;
    const bool& stopping_;
    Time started_;
    bool over_ = false;
    int unreachable_ = 0;                                // in a row
    std::vector<std::string> looked_with_repositories_;  // hooks
    CatchUpOutcome outcome_;
    std::map<std::string, std::optional<Time>> fallen_back_;  // repository -> its hook's last look
};

}  // namespace runs_agent::webhooks
