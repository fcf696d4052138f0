// One round of catching up: every hook's log, and where that may not be read, the runs of its
// repositories. One request at a time, none after GitHub asked to wait, and a bounded number, so
// that others who use the same token are left their part. Whoever was asked for the longest ago
// comes first, so that no limit ends each round at the same place.
#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "github/github.hpp"
#include "observe/log.hpp"
#include "store/store.hpp"
#include "webhooks/catching_up/log_reading.hpp"
#include "webhooks/catching_up/request_budget.hpp"
#include "webhooks/catching_up/verdict.hpp"
#include "webhooks/deliveries/delivery.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace runs_agent::webhooks {

/// What came of a round.
struct CatchUpOutcome {
    int hooks = 0;           // that were looked at, by their logs or their repositories' runs
    int found = 0;           // what had been missed
    int accepted = 0;        // of that, what is stored now
    bool failed = false;     // something went wrong, and is left for a later round
    bool cut_short = false;  // not all was asked for: the next round goes on
    /// Until then all that there was has been seen, in this round or in those before it; absent:
    /// something was not seen to its end yet.
    std::optional<Time> seen_until;
    /// What went wrong: words by what stays the same of them. The first 50.
    std::map<std::string, std::string> errors;
    std::chrono::milliseconds pause{0};  // until the next round

    bool whole() const { return !failed && !cut_short; }
};

/// What outlives a round.
struct CatchUpMemory {
    std::set<std::string> lost;                   // GUIDs that will never be had
    std::set<std::pair<std::int64_t, int>> gone;  // runs, by id and attempt
    std::set<std::string> cut_short;              // repositories whose runs are too many to list
    std::map<std::string, LogReading> logs;       // by the look: what is not stored to the end yet
    std::map<std::string, Time> asked;            // by the look: when its turn was
    std::map<std::string, std::int64_t> asked_run;  // by repository: where asking broke off
    /// By the look, of all that is to be looked at: until when it was seen; Time(): never.
    std::map<std::string, Time> seen;
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
    using OpenAttempts = std::map<std::string, std::vector<store::OpenAttempt>>;

    /// What came of one delivery.
    enum class Had {
        stored,
        lost,      // it will never be had
        not_now,   // a later round asks again
        no_store,  // and nothing else can be stored either
    };
    /// A delivery that was sent later than those that follow is missing.
    enum class Gap { none, for_now, for_good };

    void complain(const std::string& key, const std::string& words);
    void fail_with(const std::string& key, const std::string& words);
    void fail_with(const Error& error) { fail_with("the store", error.message); }

    template <class Value>
    static std::string key_of(const std::string& about,
                              const Result<github::Answer<Value>>& answer) {
        return about + " " +
               (answer.has_error() ? std::string(to_string(answer.error().code))
                                   : std::to_string(answer->status));
    }
    /// Notes an answer. Returns its verdict: what of it ends the round or makes it fail anyway is
    /// done, the rest is the caller's.
    template <class Value>
    Verdict take(const Subject& subject, const Result<github::Answer<Value>>& answer) {
        const Verdict verdict = judge(answer);
        const bool known =
            budget_.note(verdict, subject, answer.has_value() ? answer->retry_after : std::nullopt);
        if (!known) fail_about(subject.about, answer);
        return verdict;
    }
    template <class Value>
    void fail_about(const std::string& about, const Result<github::Answer<Value>>& answer) {
        fail_with(key_of(about, answer), about + ": " + words_of(answer));
    }
    std::optional<Time> seen_until();

    // round_hooks.cpp
    boost::asio::awaitable<void> look_at_hooks();
    boost::asio::awaitable<void> look_at(store::HeardHook hook);
    boost::asio::awaitable<Verdict> read_log(github::Hook hook, LogReading& reading);
    boost::asio::awaitable<bool> fetch_all(store::HeardHook hook, github::Hook source,
                                           std::vector<MissedDelivery> missed);
    boost::asio::awaitable<Had> fetch(store::HeardHook hook, github::Hook source,
                                      MissedDelivery missed, Gap gap);
    boost::asio::awaitable<Had> know_newer(store::NewDelivery older, Gap gap);
    boost::asio::awaitable<void> fall_back(store::HeardHook hook, std::optional<Time> last_look);

    // round_repositories.cpp
    boost::asio::awaitable<bool> look_at_repositories();
    boost::asio::awaitable<bool> look_at_repository(std::string repository,
                                                    std::optional<Time> since,
                                                    std::vector<store::OpenAttempt> open);
    boost::asio::awaitable<Verdict> list(github::ListWorkflowRuns query, Runs& runs);
    boost::asio::awaitable<bool> add_open(std::string repository,
                                          std::vector<store::OpenAttempt> open, Runs& runs);
    boost::asio::awaitable<bool> add_older(std::string repository, const Runs& runs,
                                           const std::vector<store::HeardAttempt>& heard,
                                           std::vector<github::WorkflowRun>& found);
    boost::asio::awaitable<bool> tell(std::string repository, Runs runs);
    boost::asio::awaitable<std::optional<std::string>> workflow_of(std::string repository,
                                                                   std::int64_t workflow_id);
    boost::asio::awaitable<bool> tell_of(std::string repository,
                                         std::vector<github::WorkflowRun> runs);

    /// Absent: it will never be had.
    std::optional<store::NewDelivery> made_of(Delivery delivery);
    Had lose(const std::string& guid, const std::string& why);
    boost::asio::awaitable<Had> accept(store::NewDelivery delivery);
    boost::asio::awaitable<void> looked(std::string name, Time at);
    void seen(const std::string& name, Time at) { memory_.seen[name] = at; }

    store::Store& store_;
    github::GitHub& github_;
    const Clock& clock_;
    Log& log_;
    const std::function<void()>& on_accepted_;
    CatchUpMemory& memory_;
    const bool& stopping_;
    Time started_;
    RequestBudget budget_;
    std::optional<std::set<std::string>> hooks_;  // the looks at them; absent: not known
    std::vector<std::pair<std::string, Time>> looked_with_repositories_;     // hooks
    std::map<std::pair<std::string, std::int64_t>, std::string> workflows_;  // their JSON
    CatchUpOutcome outcome_;
    std::map<std::string, std::optional<Time>> fallen_back_;  // repository -> its hook's last look
};

}  // namespace runs_agent::webhooks
