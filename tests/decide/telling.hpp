// SPDX-License-Identifier: MIT
// The events that tell of a world: delayed, doubled, lost and caught up with, out of order; and the
// other way to tell of it, by what GitHub's lists of runs show when all is over.
#pragma once

#include "tests/decide/world.hpp"

namespace runs_agent::decide::tests {

struct Delivery {
    Time at{};
    std::string guid;
    Event event;
    // What it tells of, for whoever judges.
    std::int64_t run_id = 0;
    int attempt = 1;
    int life = 0;
    bool tells_end = false;  // of that life
    bool has_times = true;
};

class Teller {
public:
    Teller(const World& world, std::uint64_t seed) : world_(world), random_(seed) {}

    std::vector<Delivery> by_webhooks() {
        for (const MadeRun& run : world_.runs)
            for (const MadeAttempt& attempt : run.attempts)
                for (int life = 0; life < static_cast<int>(attempt.lives.size()); ++life)
                    tell(run, attempt, life);
        return std::move(deliveries_);
    }

    /// As catching up tells it: of each run the newest attempt first, each as it is in the end.
    std::vector<Delivery> by_lists() {
        for (const MadeRun& run : world_.runs)
            for (auto attempt = run.attempts.rbegin(); attempt != run.attempts.rend(); ++attempt) {
                const int life = static_cast<int>(attempt->lives.size()) - 1;
                const Life& last = attempt->lives.back();
                const Time at = last.ended.value_or(last.seen_going_on + std::chrono::seconds(2));
                deliver_once(world_.end, run, *attempt, life,
                             last.ended ? "completed" : "in_progress",
                             last.ended ? last.conclusion : "", at);
            }
        return std::move(deliveries_);
    }

private:
    void tell(const MadeRun& run, const MadeAttempt& attempt, int number) {
        const Life& life = attempt.lives[static_cast<std::size_t>(number)];
        const bool is_first = attempt.number == 1 && number == 0;
        const bool ended = life.ended.has_value();
        // GitHub sends none for a re-run, other servers do.
        if (is_first || (number > 0 && random_.percent(50)))
            deliver(is_first ? run.facts.created_at : life.started, run, attempt, number,
                    "requested", "", ended);
        if (life.waits_for_approval)
            deliver(run.facts.created_at, run, attempt, number, "completed", "action_required",
                    ended);
        // Cancelled while it was queued, an attempt is told of by its end alone.
        if (life.conclusion != "startup_failure")
            deliver(life.seen_going_on, run, attempt, number, "in_progress", "", ended);
        if (ended) deliver(*life.ended, run, attempt, number, "completed", life.conclusion, ended);
        for (const Job& job : life.jobs)
            if (job.ended)
                deliver_job(run, attempt, number, job, *job.ended + std::chrono::seconds(2));
        // "Re-run failed jobs" tells of the others once more: new ids, old times.
        if (attempt.number > 1 && number == 0 && random_.percent(50)) {
            const Life& before =
                run.attempts[static_cast<std::size_t>(attempt.number) - 2].lives.back();
            for (Job job : before.jobs) {
                if (!job.ended || job.died) continue;
                job.id += 10'000;
                deliver_job(run, attempt, number, job, life.started + std::chrono::seconds(1));
            }
        }
    }

    WorkflowRun event_of(const MadeRun& run, const MadeAttempt& attempt, const Life& life,
                         const std::string& action, const std::string& conclusion, Time at) {
        WorkflowRun event = run.facts;
        event.action = action;
        event.status = action;
        event.conclusion = conclusion;
        event.attempt = attempt.number;
        // Until it is approved, it is said to have begun when it was made.
        const bool waits = life.waits_for_approval && at < life.started;
        event.started_at = waits ? run.facts.created_at : life.told_started;
        if (world_.circumstances.tells_updated_at) event.updated_at = at;
        return event;
    }

    void deliver_once(Time when, const MadeRun& run, const MadeAttempt& attempt, int life,
                      const std::string& action, const std::string& conclusion, Time at) {
        Delivery delivery;
        delivery.at = when;
        delivery.guid = std::to_string(++guids_);
        delivery.event = event_of(run, attempt, attempt.lives[static_cast<std::size_t>(life)],
                                  action, conclusion, at);
        delivery.run_id = run.facts.key.run_id;
        delivery.attempt = attempt.number;
        delivery.life = life;
        delivery.tells_end = action == "completed" && conclusion != "action_required";
        deliveries_.push_back(std::move(delivery));
    }

    void deliver(Time happened, const MadeRun& run, const MadeAttempt& attempt, int life,
                 const std::string& action, const std::string& conclusion, bool has_ended) {
        // Where it has ended, that may be all that catching up with a lost event tells.
        const bool tells_end = action == "completed" && conclusion != "action_required";
        if (has_ended && !tells_end && random_.percent(8)) return;
        const int copies = random_.percent(15) ? 2 : 1;
        const bool lacks_times = random_.percent(world_.circumstances.without_times);
        for (int copy = 0; copy < copies; ++copy) {
            deliver_once(fate_of(happened), run, attempt, life, action, conclusion, happened);
            Delivery& made = deliveries_.back();
            // Two hooks send one event under one id; a redelivery that was caught up with has its
            // own.
            if (copy > 0 && random_.percent(50))
                made.guid = deliveries_[deliveries_.size() - 2].guid;
            if (!lacks_times) continue;
            auto& event = std::get<WorkflowRun>(made.event);
            event.started_at = event.updated_at = Time();
            made.has_times = false;
        }
    }

    void deliver_job(const MadeRun& run, const MadeAttempt& attempt, int life, const Job& job,
                     Time happened) {
        Delivery delivery;
        delivery.guid = std::to_string(++guids_);
        delivery.at = fate_of(happened);
        WorkflowJob event;
        event.action = "completed";
        event.conclusion = job.died ? "failure" : "success";
        event.run = run.facts.key;
        event.attempt = attempt.number;
        event.job_id = job.id;
        event.name = job.name;
        event.repository = run.facts.repository;
        if (job.has_runner) event.runner_name = "runner-" + std::to_string(job.id);
        event.completed_at = *job.ended;
        delivery.event = event;
        delivery.run_id = run.facts.key.run_id;
        delivery.attempt = attempt.number;
        delivery.life = life;
        deliveries_.push_back(std::move(delivery));
    }

    /// On time, late, or lost and caught up with in the end.
    Time fate_of(Time happened) {
        const int fate = random_.under(100);
        if (fate < 60) return happened + random_.seconds(3);
        if (fate < 90) return happened + random_.seconds(2000);
        return world_.end + random_.seconds(600);
    }

    const World& world_;
    Random random_;
    std::vector<Delivery> deliveries_;
    int guids_ = 0;
};

}  // namespace runs_agent::decide::tests
