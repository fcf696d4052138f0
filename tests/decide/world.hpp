// SPDX-License-Identifier: MIT
// A small world to prove the rules in: what happened on GitHub, made up from a seed. A run has
// attempts, an attempt has lives (it is approved, or run again under its number), a life has jobs.
// Nothing here knows the rules. telling.hpp makes the events that tell of it.
#pragma once

#include "decide/facts.hpp"
#include "tests/decide/random.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace runs_agent::decide::tests {

struct Job {
    std::int64_t id = 0;
    std::string name;  // as GitHub shows it: cut at 100 characters
    std::string machine;
    bool has_runner = true;  // a check by somebody else has none
    Time started{};
    std::optional<Time> ended;
    bool died = false;  // with a spec that it had begun
};

struct Life {
    Time started{};
    Time told_started{};   // what its events name: a re-run may keep the start of the life before
    Time seen_going_on{};  // when `in_progress` was so
    std::optional<Time> ended;
    std::string conclusion;
    bool waits_for_approval = false;  // at its beginning: it is said to have completed
    bool records = true;              // its reporter sends something
    bool reporter_ends = false;       // and ends the recorded run, just before the attempt ends
    std::vector<Job> jobs;

    bool keeps_start() const { return told_started != started; }
};

struct MadeAttempt {
    int number = 1;
    std::vector<Life> lives;
};

struct MadeRun {
    WorkflowRun facts;  // what all of its events share
    std::vector<MadeAttempt> attempts;
};

/// What the server is like, and what becomes of its events.
struct Circumstances {
    bool has_attempts = true;  // else a re-run keeps its number
    bool tells_updated_at = true;
    int without_times = 0;  // percent of the events that lack all times
    bool has_run_names = false;
    bool is_busy = false;  // pushes to one branch, and re-runs that keep their number between them
};

struct World {
    Circumstances circumstances;
    std::vector<MadeRun> runs;  // in the order they were made
    Time end{};                 // the last thing has happened

    const MadeRun& run(std::int64_t id) const {
        return *std::find_if(runs.begin(), runs.end(),
                             [id](const MadeRun& one) { return one.facts.key.run_id == id; });
    }
};

class WorldMaker {
public:
    explicit WorldMaker(std::uint64_t seed) : random_(seed) {}

    World make() {
        Circumstances& circumstances = world_.circumstances;
        circumstances.has_attempts = random_.percent(80);
        circumstances.tells_updated_at = random_.percent(85);
        circumstances.without_times = random_.percent(10) ? 30 : 0;
        circumstances.has_run_names = random_.percent(30);
        circumstances.is_busy = random_.percent(15);
        Time now{std::chrono::hours(490'000)};
        const int count = 2 + random_.under(4);
        for (int i = 0; i < count; ++i) {
            now += std::chrono::seconds(1) + random_.seconds(400);
            world_.runs.push_back(make_run(i, now));
        }
        world_.end += std::chrono::minutes(10);
        return std::move(world_);
    }

private:
    MadeRun make_run(int i, Time now) {
        MadeRun run;
        WorkflowRun& facts = run.facts;
        facts.key = {"github.com", 5'000'000'000 + i};
        facts.repository = "octo/demo";
        facts.default_branch = "main";
        const bool is_busy = world_.circumstances.is_busy;
        const int workflow = is_busy || random_.percent(80) ? 0 : 1;
        facts.workflow_id = 77 + workflow;
        facts.workflow_name = "e2e";  // two workflows of one name
        facts.workflow_path = ".github/workflows/e2e" + std::to_string(workflow) + ".yml";
        facts.run_number = ++numbers_[workflow];
        facts.event = is_busy || random_.percent(60) ? "push" : "pull_request";
        const char* const branches[] = {"feature", "feature", "feature", "feature-2", "main"};
        facts.head_branch = is_busy ? "feature" : random_.pick(branches);
        const char* const repositories[] = {"octo/demo", "octo/demo", "fork/demo", "other/demo",
                                            ""};
        facts.head_repository =
            facts.event == "push" ? "octo/demo" : std::string(random_.pick(repositories));
        facts.head_sha = "sha" + std::to_string(i > 0 && random_.percent(15) ? i - 1 : i);
        facts.created_at = now;
        facts.actor = "octocat";
        add_attempts(run, now);
        return run;
    }

    void add_attempts(MadeRun& run, Time ready) {
        const bool first_time = random_.percent(10);
        Time previous_end{};
        const bool is_busy = world_.circumstances.is_busy;
        for (int made = 0;; ++made) {
            const bool keeps_number = made > 0 && (!world_.circumstances.has_attempts ||
                                                   random_.percent(is_busy ? 70 : 25));
            if (!keeps_number)
                run.attempts.push_back({static_cast<int>(run.attempts.size()) + 1, {}});
            MadeAttempt& attempt = run.attempts.back();
            // Where no time says when something was so, nobody could tell the two lives apart.
            const bool keeps_start =
                keeps_number && world_.circumstances.tells_updated_at && random_.percent(50);
            // Soon, so that newer runs are made before it, while it is begun, and after it.
            if (keeps_start) ready = previous_end + std::chrono::seconds(1) + random_.seconds(300);
            attempt.lives.push_back(make_life(ready, made == 0 && first_time));
            Life& last = attempt.lives.back();
            if (keeps_start) keep_start(attempt);
            // What goes on has done all that is told of it by then.
            const Time over = last.ended.value_or(last.started + std::chrono::seconds(1000));
            world_.end = std::max(world_.end, over);
            if (!last.ended || made == 3 || !random_.percent(is_busy ? 70 : 40)) break;
            // A person may press the button in the second in which it ended.
            previous_end = *last.ended;
            ready = previous_end +
                    (random_.percent(25) ? std::chrono::seconds(0) : random_.seconds(1500));
        }
    }

    /// Nobody is told when that life began, only by when it had.
    void keep_start(MadeAttempt& attempt) {
        Life& life = attempt.lives.back();
        life.told_started = attempt.lives[attempt.lives.size() - 2].told_started;
        const Time end = life.ended.value_or(life.started + std::chrono::seconds(600));
        const auto length = (end - life.started) / std::chrono::seconds(1);
        life.seen_going_on += random_.seconds(static_cast<int>(length) - 2);
    }

    Life make_life(Time ready, bool waits_for_approval) {
        const char* const conclusions[] = {"success",   "success",   "failure",         "cancelled",
                                           "cancelled", "timed_out", "startup_failure", "stale"};
        Life life;
        life.waits_for_approval = waits_for_approval;
        life.started = ready + (waits_for_approval ? random_.seconds(600) : random_.seconds(0));
        life.told_started = life.started;
        life.seen_going_on = life.started + std::chrono::seconds(1);
        const bool goes_on = !random_.percent(75);
        if (!goes_on) {
            life.ended = life.started + std::chrono::seconds(60) +
                         random_.seconds(world_.circumstances.is_busy ? 120 : 900);
            life.conclusion = random_.pick(conclusions);
        }
        life.records = life.conclusion != "startup_failure" && random_.percent(85);
        const bool is_usual = life.conclusion == "success" || life.conclusion == "failure";
        life.reporter_ends = !goes_on && random_.percent(is_usual ? 80 : 10);
        if (life.records) add_jobs(life);
        return life;
    }

    void add_jobs(Life& life) {
        const int count = random_.under(3);
        const Time end = life.ended.value_or(life.started + std::chrono::seconds(900));
        for (int shard = 1; shard <= count; ++shard) {
            Job job;
            job.id = ++job_ids_;
            job.machine = "e2e-" + std::to_string(shard);
            job.name = "e2e (" + std::to_string(shard) + ")";
            if (random_.percent(10)) {
                job.name = "e2e (" + std::to_string(shard) + std::string(120, ' ');
                job.name = job.name.substr(0, 97) + "...";
                job.machine.clear();
            }
            job.has_runner = random_.percent(95);
            job.started = life.started + std::chrono::seconds(6) + random_.seconds(5);
            job.died = random_.percent(30);
            const auto length = (end - job.started) / std::chrono::seconds(1);
            if (length > 40)
                job.ended = job.started + std::chrono::seconds(20) +
                            random_.seconds(static_cast<int>(length) - 40);
            life.jobs.push_back(std::move(job));
        }
    }

    Random random_;
    World world_;
    std::int64_t numbers_[2] = {10, 20};
    std::int64_t job_ids_ = 900;
};

inline World make_world(std::uint64_t seed) {
    return WorldMaker(seed).make();
}

}  // namespace runs_agent::decide::tests
