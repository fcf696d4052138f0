// The rules, against random histories. SEED=N HISTORIES=1 plays one again; HISTORIES=N plays more.
#include "decide/decide.hpp"
#include "tests/decide/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <queue>

namespace runs_agent::decide::tests {
namespace {

constexpr int shards = 4;
constexpr std::int64_t usual_histories = 100'000;

std::int64_t number_from(const char* variable, std::int64_t otherwise) {
    const char* const text = std::getenv(variable);
    return text == nullptr ? otherwise : std::atoll(text);
}

/// What the Runs API holds for one CI build id.
struct Recorded {
    enum class State { none, in_progress, complete, cancelled } state = State::none;
    int attempt = 0;  // that recorded last
};

/// Plays a world through the rules, with an executor as simple as can be.
class Play {
public:
    Play(const World& world, Policy policy) : world_(world), policy_(std::move(policy)) {
        for (std::size_t i = 0; i < world.deliveries.size(); ++i)
            at(world.deliveries[i].at, [this, i] { deliver(world_.deliveries[i].event); });
        for (const MadeRun& run : world.runs)
            for (int n = 1; n <= static_cast<int>(run.attempts.size()); ++n) record(run, n);
    }

    void run() {
        while (!queue_.empty()) {
            const Step step = queue_.top();
            queue_.pop();
            now_ = step.at;
            actions_[step.action]();
        }
    }

    Recorded::State state(const MadeRun& run, int attempt) {
        return recorded_[build_id(run.facts, attempt)].state;
    }

    std::map<std::string, int> sent;  // calls that were carried out, "careful" ones apart
    std::vector<std::string> breaches;
    std::vector<std::string> story;  // told only where asked for: it costs more than the rest

    void tell_story() { telling_ = true; }

private:
    void tell(const std::string& what) {
        if (!telling_) return;
        const auto second = (now_.time_since_epoch() / std::chrono::seconds(1)) % 100'000;
        story.push_back(std::to_string(second) + "  " + what);
    }

    struct Step {
        Time at{};
        std::size_t action = 0;
        bool operator<(const Step& other) const {  // the earliest is on top
            return std::tie(other.at, other.action) < std::tie(at, action);
        }
    };

    void at(Time when, std::function<void()> action) {
        actions_.push_back(std::move(action));
        queue_.push({when, actions_.size() - 1});
    }

    std::string build_id(const WorkflowRun& run, int attempt) const {
        return policy_.defaults.ci_build_id.render(run, attempt);
    }

    void record(const MadeRun& run, int n) {
        const Attempt& attempt = run.attempts[static_cast<std::size_t>(n - 1)];
        if (!attempt.records) return;
        const std::string id = build_id(run.facts, n);
        at(attempt.started + std::chrono::seconds(5), [this, id, n] {
            Recorded& run_of_id = recorded_[id];
            // A run that has ended takes nothing more, until it is reset.
            if (run_of_id.state == Recorded::State::none)
                run_of_id.state = Recorded::State::in_progress;
            if (run_of_id.state == Recorded::State::in_progress) run_of_id.attempt = n;
        });
        if (!attempt.ended || !attempt.reporter_ends) return;
        at(*attempt.ended - std::chrono::seconds(1), [this, id, n] {
            Recorded& run_of_id = recorded_[id];
            if (run_of_id.state == Recorded::State::in_progress && run_of_id.attempt == n)
                run_of_id.state = Recorded::State::complete;
        });
    }

    void deliver(const WorkflowRun& event) {
        const Decision decision = decide(event, policy_, history_.known_of(event));
        history_.record(event, decision);
        tell("run " + std::to_string(event.run_number) + "/" + std::to_string(event.attempt) + " " +
             event.action + " " + event.conclusion + ": " + decision.reason);
        for (const Withdrawal& withdrawal : decision.withdrawn) withdrawn_[withdrawal.key] = true;
        for (const PlannedCall& call : decision.calls) {
            withdrawn_[call.key()] = false;
            const std::size_t version = ++versions_[call.key()];
            at(now_ + call.delay, [this, call, version] { perform(call, version, 0); });
        }
        newest_heard_[event.key] = std::max(newest_heard_[event.key], event.attempt);
        if (event.action == "completed" && !event.conclusion.empty())
            ended_heard_[{event.key, event.attempt}] = true;
    }

    /// As the executor and the Runs API would, with 404 asked again three times.
    void perform(const PlannedCall& call, std::size_t version, int asked) {
        if (withdrawn_[call.key()] || versions_[call.key()] != version) return;
        Recorded& found = recorded_[call.ci_build_id];
        const bool cancels = call.operation == Operation::cancel_ci;
        if (found.state == Recorded::State::none && cancels && asked < 3) {
            constexpr std::chrono::seconds waits[] = {
                std::chrono::seconds(10), std::chrono::minutes(1), std::chrono::minutes(5)};
            at(now_ + waits[asked],
               [this, call, version, asked] { perform(call, version, asked + 1); });
            return;
        }
        tell("sends " + call.key() + (call.only_if_in_progress ? " carefully" : "") + " (state " +
             std::to_string(static_cast<int>(found.state)) + ")");
        ++sent[call.key() + (call.only_if_in_progress ? " careful" : "")];
        if (policy_.defaults.ci_build_id.shared_by_attempts()) check_shared(call);
        if (call.operation == Operation::reset_run) {
            if (found.state == Recorded::State::complete)
                found.state = Recorded::State::in_progress;
            return;
        }
        if (call.only_if_in_progress && found.state != Recorded::State::in_progress) return;
        // By GitHub's run id and attempt only what that attempt recorded is found.
        if (cancels && found.attempt != call.attempt) return;
        if (found.state != Recorded::State::none) found.state = Recorded::State::cancelled;
    }

    /// What all attempts record into belongs to the newest: once that is heard of, nothing is done
    /// for an older one, and nothing is opened for one that has ended.
    void check_shared(const PlannedCall& call) {
        if (newest_heard_[call.run] > call.attempt)
            breaches.push_back(call.key() + " was sent for an attempt that was run again");
        if (call.operation == Operation::reset_run && ended_heard_[{call.run, call.attempt}])
            breaches.push_back(call.key() + " was sent for an attempt that has ended");
    }

    const World& world_;
    bool telling_ = false;
    Policy policy_;
    History history_;
    Time now_{};
    std::priority_queue<Step> queue_;
    std::vector<std::function<void()>> actions_;
    std::map<std::string, Recorded> recorded_;
    std::map<std::string, bool> withdrawn_;
    std::map<std::string, std::size_t> versions_;
    std::map<RunKey, int> newest_heard_;
    std::map<std::pair<RunKey, int>, bool> ended_heard_;
};

bool ended_badly(const Attempt& attempt) {
    const std::vector<std::string> bad = Settings().cancel_on;
    return attempt.ended && std::find(bad.begin(), bad.end(), attempt.conclusion) != bad.end();
}

/// Was this attempt made pointless by a newer run? Said here once more, in its own words.
bool is_superseded(const World& world, const MadeRun& run, int attempt) {
    const WorkflowRun& own = run.facts;
    if (own.head_repository.empty()) return false;
    if (own.head_branch == "main" && own.head_repository == "octo/demo") return false;
    const Time started = run.attempts[static_cast<std::size_t>(attempt - 1)].started;
    return std::any_of(world.runs.begin(), world.runs.end(), [&](const MadeRun& other) {
        const WorkflowRun& facts = other.facts;
        return facts.workflow_id == own.workflow_id && facts.event == own.event &&
               facts.head_branch == own.head_branch &&
               facts.head_repository == own.head_repository && facts.head_sha != own.head_sha &&
               facts.run_number > own.run_number && (attempt == 1 || started < facts.created_at);
    });
}

std::string name(const MadeRun& run, int attempt) {
    return "run " + std::to_string(run.facts.run_number) + " attempt " + std::to_string(attempt);
}

/// Every run that GitHub says is cancelled or superseded is cancelled, every other is untouched.
void check_attempt(const World& world, const MadeRun& run, int n, const Policy& policy, Play& play,
                   std::vector<std::string>& breaches) {
    const Attempt& attempt = run.attempts[static_cast<std::size_t>(n - 1)];
    const bool superseded = policy.defaults.superseded && is_superseded(world, run, n);
    const bool again = static_cast<std::size_t>(n) < run.attempts.size();
    const bool swept = policy.defaults.sweep_orphans && attempt.ended;
    const bool stale = ended_badly(attempt) || again || swept || (superseded && !attempt.ended);
    const Recorded::State state = play.state(run, n);
    if (stale && state == Recorded::State::in_progress)
        breaches.push_back(name(run, n) + " was left in progress");
    if (state != Recorded::State::cancelled) return;
    if (!stale && !superseded) breaches.push_back(name(run, n) + " was healthy and is cancelled");
    if (attempt.reporter_ends && attempt.ended && !ended_badly(attempt) && !superseded)
        breaches.push_back(name(run, n) + " was complete and is cancelled");
}

/// What is wrong after that history; nothing, where all is well. `story`: filled where there is
/// one.
std::vector<std::string> play(std::uint64_t seed, std::vector<std::string>* story = nullptr) {
    const World world = make_world(seed);
    Random random(~seed);
    Policy policy;
    policy.defaults.superseded = random.percent(70);
    policy.defaults.sweep_orphans = random.percent(30);
    const bool shared = random.percent(30);
    if (shared)
        policy.defaults.ci_build_id =
            std::get<BuildIdTemplate>(BuildIdTemplate::parse("${{ github.run_id }}"));
    Play played(world, policy);
    if (story != nullptr) played.tell_story();
    played.run();
    if (story != nullptr) *story = played.story;

    std::vector<std::string> breaches = played.breaches;
    for (const auto& [key, times] : played.sent)
        if (times > 1) breaches.push_back(key + " was sent " + std::to_string(times) + " times");
    for (const MadeRun& run : world.runs) {
        const int newest = static_cast<int>(run.attempts.size());
        if (shared) {
            // One recorded run for all: its last attempt decides.
            const bool stale = ended_badly(run.attempts.back());
            if (stale && played.state(run, newest) == Recorded::State::in_progress &&
                run.attempts.back().records)
                breaches.push_back(name(run, newest) + " was left in progress");
            continue;
        }
        for (int n = 1; n <= newest; ++n) check_attempt(world, run, n, policy, played, breaches);
    }
    return breaches;
}

class Histories : public testing::TestWithParam<int> {};

TEST_P(Histories, EveryStaleRunIsCancelledAndNoOther) {
    const auto first = static_cast<std::uint64_t>(number_from("SEED", 1));
    const std::int64_t all = number_from("HISTORIES", usual_histories);
    std::int64_t played = 0;
    for (std::int64_t i = GetParam(); i < all; i += shards, ++played) {
        const std::uint64_t seed = first + static_cast<std::uint64_t>(i);
        const std::vector<std::string> breaches = play(seed);
        if (breaches.empty()) continue;
        std::string text;
        std::vector<std::string> story;
        play(seed, &story);
        for (const std::string& line : story) text += "\n  " + line;
        for (const std::string& breach : breaches) text += "\n  " + breach;
        FAIL() << "play it again with SEED=" << seed << " HISTORIES=1:" << text;
    }
    RecordProperty("histories", std::to_string(played));
    std::cout << played << " histories from seed " << first << "\n";
}

INSTANTIATE_TEST_SUITE_P(Shard, Histories, testing::Range(0, shards));

// The proof is worth nothing if it cannot fail.
TEST(HistoriesTest, TheWorldHoldsWhatTheRulesAreAbout) {
    int superseded = 0;
    int again = 0;
    int bad = 0;
    int late = 0;
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        const World world = make_world(seed);
        for (const MadeRun& run : world.runs)
            for (int n = 1; n <= static_cast<int>(run.attempts.size()); ++n) {
                superseded += is_superseded(world, run, n) ? 1 : 0;
                again += n > 1 ? 1 : 0;
                bad += ended_badly(run.attempts[static_cast<std::size_t>(n - 1)]) ? 1 : 0;
            }
        for (const Delivery& delivery : world.deliveries) late += delivery.at > world.end ? 1 : 0;
    }
    EXPECT_GT(superseded, 50);
    EXPECT_GT(again, 100);
    EXPECT_GT(bad, 200);
    EXPECT_GT(late, 200);
}

}  // namespace
}  // namespace runs_agent::decide::tests
