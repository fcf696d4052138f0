// A small world to prove the rules in: what happened on GitHub, made up from a seed, and the events
// that tell of it, delayed, doubled, lost, and caught up with as they were or by what came of it.
// Nothing here knows the rules.
#pragma once

#include "decide/facts.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace runs_agent::decide::tests {

/// SplitMix64: the same numbers everywhere, from any seed. Source: Steele, Lea and Flood, "Fast
/// splittable pseudorandom number generators", 2014.
class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
        z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31U);
    }
    /// From 0 to `below` - 1.
    int under(int below) { return static_cast<int>(next() % static_cast<std::uint64_t>(below)); }
    bool percent(int chance) { return under(100) < chance; }
    template <class T, std::size_t Size>
    const T& pick(const T (&choices)[Size]) {
        return choices[under(static_cast<int>(Size))];
    }
    std::chrono::seconds seconds(int most) { return std::chrono::seconds(under(most + 1)); }

private:
    std::uint64_t state_;
};

struct Attempt {
    Time started{};
    std::optional<Time> ended;
    std::string conclusion;
    bool records = true;         // its reporter sends something
    bool reporter_ends = false;  // and ends the recorded run, just before the attempt ends
};

struct MadeRun {
    WorkflowRun facts;  // what all of its events share
    std::vector<Attempt> attempts;

    /// The event of an attempt, counted from 1.
    WorkflowRun event(std::string action, int attempt) const {
        const Attempt& told = attempts[static_cast<std::size_t>(attempt - 1)];
        WorkflowRun event = facts;
        event.status = action;
        if (action == "completed") event.conclusion = told.conclusion;
        event.action = std::move(action);
        event.attempt = attempt;
        event.started_at = told.started;
        return event;
    }
};

struct Delivery {
    Time at{};
    WorkflowRun event;
};

struct World {
    std::vector<MadeRun> runs;  // in the order they were made
    std::vector<Delivery> deliveries;
    Time end{};  // the last thing has happened
};

inline Attempt make_attempt(Random& random, Time ready) {
    const char* const conclusions[] = {"success",   "success",   "failure",         "cancelled",
                                       "cancelled", "timed_out", "startup_failure", "stale"};
    Attempt attempt;
    attempt.started = ready + std::chrono::seconds(1) + random.seconds(50);
    if (!random.percent(75)) return attempt;  // it goes on
    attempt.ended = attempt.started + std::chrono::seconds(60) + random.seconds(900);
    attempt.conclusion = random.pick(conclusions);
    attempt.records = attempt.conclusion != "startup_failure" && random.percent(85);
    attempt.reporter_ends = (attempt.conclusion == "success" || attempt.conclusion == "failure")
                                ? random.percent(80)
                                : random.percent(10);
    return attempt;
}

inline World make_world(std::uint64_t seed) {
    Random random(seed);
    World world;
    Time now{std::chrono::hours(490'000)};
    std::int64_t numbers[2] = {10, 20};
    const int count = 2 + random.under(5);
    for (int i = 0; i < count; ++i) {
        now += random.seconds(400);
        MadeRun run;
        WorkflowRun& facts = run.facts;
        facts.key = {"github.com", 5'000'000'000 + i};
        facts.repository = "octo/demo";
        facts.default_branch = "main";
        const int workflow = random.percent(80) ? 0 : 1;
        facts.workflow_id = 77 + workflow;
        facts.workflow_name = "e2e";  // two workflows of one name
        facts.run_number = ++numbers[workflow];
        facts.event = random.percent(60) ? "push" : "pull_request";
        const char* const branches[] = {"feature", "feature", "feature", "feature-2", "main"};
        facts.head_branch = random.pick(branches);
        const char* const repositories[] = {"octo/demo", "octo/demo", "fork/demo", "other/demo",
                                            ""};
        facts.head_repository =
            facts.event == "push" ? "octo/demo" : std::string(random.pick(repositories));
        facts.head_sha = "sha" + std::to_string(i > 0 && random.percent(15) ? i - 1 : i);
        facts.created_at = now;
        facts.actor = "octocat";
        Time ready = now;
        do {
            run.attempts.push_back(make_attempt(random, ready));
            const Attempt& last = run.attempts.back();
            if (!last.ended) break;
            ready = *last.ended + random.seconds(1500);
        } while (run.attempts.size() < 4 && random.percent(40));
        const Attempt& last = run.attempts.back();
        world.end = std::max(world.end, last.ended.value_or(last.started));
        world.runs.push_back(std::move(run));
    }
    world.end += std::chrono::minutes(10);

    // Where the attempt has ended, that may be all that catching up with a lost event tells.
    const auto deliver = [&](Time happened, WorkflowRun event, bool has_ended) {
        if (has_ended && event.action != "completed" && random.percent(8)) return;
        const int copies = random.percent(15) ? 2 : 1;
        for (int copy = 0; copy < copies; ++copy) {
            const int fate = random.under(100);
            // On time, late, or lost and caught up with in the end.
            const Time at = fate < 60   ? happened + random.seconds(3)
                            : fate < 90 ? happened + random.seconds(2000)
                                        : world.end + random.seconds(600);
            world.deliveries.push_back({at, event});
        }
    };
    for (const MadeRun& run : world.runs) {
        deliver(run.facts.created_at, run.event("requested", 1),
                run.attempts.front().ended.has_value());
        for (int n = 1; n <= static_cast<int>(run.attempts.size()); ++n) {
            const Attempt& attempt = run.attempts[static_cast<std::size_t>(n - 1)];
            // Cancelled while it was queued, an attempt is told of by its end alone.
            const bool ended = attempt.ended.has_value();
            if (!(attempt.conclusion == "startup_failure"))
                deliver(attempt.started, run.event("in_progress", n), ended);
            if (ended) deliver(*attempt.ended, run.event("completed", n), ended);
        }
    }
    return world;
}

}  // namespace runs_agent::decide::tests
