// The pure half of catching up: which deliveries were missed, what a run's state would have been
// told by, and what an answer of GitHub's means for the round.
#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "github/github.hpp"
#include "store/store.hpp"
#include "webhooks/delivery.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace runs_agent::webhooks {

/// A hook, repository or run that was not heard of for so long is looked at no more.
constexpr std::chrono::hours heard_within{30 * 24};

/// How to ask for a hook's log; absent where GitHub has none for its kind, or its owner is unknown.
std::optional<github::Hook> hook_of(const store::HeardHook& hook);

/// What a look is remembered by.
std::string look_at_hook(const std::string& host, const store::HeardHook& hook);
std::string look_at_runs(const std::string& host, const std::string& repository);

/// Where a hook's log need not be read on: before that, the last look saw all (with some minutes
/// for what was under way, and for clocks that differ), and GitHub keeps no more than three days.
Time oldest_delivery(std::optional<Time> last_look, Time now);
/// The oldest run that may have begun an attempt since then: a day's re-runs are mostly of runs of
/// the days before.
Time oldest_run(std::optional<Time> last_look, Time now);
/// Is the log too short to tell of everything since the last look?
bool is_past_the_log(std::optional<Time> last_look, Time now);

/// A delivery that never arrived, by the entries of the log that hold it.
struct MissedDelivery {
    std::string guid;
    std::vector<std::int64_t> ids;  // the newest first
    bool is_job = false;
};

/// A hook's log, grouped by GUID: GitHub lists every redelivery as an entry of its own.
class DeliveryGroups {
public:
    explicit DeliveryGroups(Time oldest) : oldest_(oldest) {}

    /// Takes a page in. False where the pages after it are too old to matter.
    bool add(const std::vector<github::LoggedDelivery>& page);

    /// Once all is read: of those that arrived nothing need be known any more.
    void drop_arrived();

    /// Those that none of their entries was answered with success for, and that something may be
    /// decided upon. The newest run first: what an older attempt left must be judged in the
    /// knowledge of the newer one. Then the jobs, whose runs must be known.
    std::vector<MissedDelivery> missed() const;

private:
    struct Group {
        std::set<std::int64_t> ids;
        bool arrived = false;
        bool is_job = false;
    };

    Time oldest_;
    std::map<std::string, Group> groups_;
};

/// How far a hook's log has been read. A limit may stop that at any page, and a long log takes
/// several rounds: each goes on where the last one stopped, and then reads what is new on top.
class LogReading {
public:
    explicit LogReading(Time oldest) : groups_(oldest) {}

    /// A round begins.
    void begin(Time now);
    /// The page to be asked for next; absent: all is read.
    std::optional<std::string> cursor() const { return rest_ ? rest_ : top_; }
    /// Takes that page in.
    void add(const github::DeliveryLog& page);

    /// When that of which all is read was asked for.
    Time seen_at() const { return seen_at_; }
    std::vector<MissedDelivery> missed() const { return groups_.missed(); }

private:
    void begin_top();

    DeliveryGroups groups_;
    std::optional<std::string> rest_ = "";  // where the older entries go on
    std::optional<std::string> top_;        // where those go on that are new since the last round
    std::int64_t newest_ = 0;               // id: what is newer was not read yet
    std::int64_t newest_of_top_ = 0;
    Time began_{};
    Time top_began_{};
    Time seen_at_{};
};

/// Does this run's state say more than what events told of it?
bool is_news(const github::WorkflowRun& run, const std::vector<store::HeardAttempt>& heard);

/// The older attempts of a run whose end no event told of, the first one first: the last ten of
/// them at most.
std::vector<int> unheard_attempts(const github::WorkflowRun& newest,
                                  const std::vector<store::HeardAttempt>& heard);

/// The GUID of the delivery that is made up for it: the same for the same state.
std::string guid_for(const github::WorkflowRun& run);
/// A workflow_run delivery as GitHub would have sent it. `workflow_json`: what `workflow` is in it,
/// empty where that is not known, or the run itself says what its workflow is called.
Delivery make_up(const github::WorkflowRun& run, const github::Repository& repository,
                 const std::string& workflow_json, const std::string& host);

/// What GitHub's answer means for the round.
enum class Verdict {
    fine,
    limited,        // nothing more may be asked for a while
    unauthorized,   // the token itself is not taken: nothing more should be asked with it
    not_permitted,  // these credentials may not see it
    absent,         // it does not exist (any more), or these credentials may not know that it does
    useless,        // asking again would bring the same
    failed,         // a later try may go better
    unreachable,    // so would anything else
};
Verdict judge(const Error& error);
Verdict judge(int status, bool limited);

template <class Value>
Verdict judge(const Result<github::Answer<Value>>& answer) {
    if (answer.has_error()) return judge(answer.error());
    const Verdict verdict = judge(answer->status, answer->retry_after.has_value());
    return verdict == Verdict::fine && !answer->value ? Verdict::useless : verdict;
}

/// What went wrong, for a log line.
template <class Value>
std::string words_of(const Result<github::Answer<Value>>& answer) {
    if (answer.has_error()) return answer.error().message;
    return "GitHub answered " + std::to_string(answer->status) +
           (answer->message.empty() ? "" : ": " + answer->message);
}

}  // namespace runs_agent::webhooks
