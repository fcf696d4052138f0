// SPDX-License-Identifier: MIT
// Plays what is told of a world through the rules, with an executor as simple as can be, and notes
// whatever is done that nobody who heard the same would have done.
#pragma once

#include "decide/decide.hpp"
#include "tests/decide/service.hpp"

#include <functional>
#include <queue>
#include <tuple>

namespace runs_agent::decide::tests {

class Play {
public:
    Play(const World& world, Policy policy, std::vector<Delivery> deliveries, bool is_telling)
        : policy_(std::move(policy)),
          deliveries_(std::move(deliveries)),
          truth(world),
          service_(is_shared()),
          is_telling_(is_telling) {
        for (const Delivery& delivery : deliveries_)
            at(delivery.at, [this, &delivery] { deliver(delivery); });
        for (const MadeRun& run : world.runs)
            for (const MadeAttempt& attempt : run.attempts)
                for (int life = 0; life < static_cast<int>(attempt.lives.size()); ++life)
                    record(run, {run.facts.key.run_id, attempt.number, life});
    }

    void run() {
        while (!queue_.empty()) {
            const Step step = queue_.top();
            queue_.pop();
            now_ = step.at;
            actions_[step.action]();
        }
    }

    /// What that life recorded, in the end; null: nothing.
    const Recorded* recorded(const Place& place) { return service_.of(place); }
    bool is_shared() const { return policy_.defaults.ci_build_id.shared_by_attempts(); }

    /// Was a careful call done with, as it found what an earlier life of the attempt had left? That
    /// life's own was not recorded yet.
    bool was_overlooked(const Place& place) const {
        return std::any_of(looked_at_.begin(), looked_at_.end(), [&place](const Place& one) {
            return one.run_id == place.run_id && one.attempt == place.attempt &&
                   one.life < place.life;
        });
    }

    /// What is wanted in the end: the causes of all calls that nobody has taken back, by the rule.
    std::set<std::string> wanted(Rule rule) const {
        std::set<std::string> found;
        for (const auto& [key, planned] : planned_)
            if (planned.rule == rule && !planned.withdrawn)
                found.insert(std::string(cause_of(key)));
        return found;
    }

    std::map<std::string, int> sent;  // calls that were carried out, "careful" ones apart
    std::vector<std::string> breaches;
    std::vector<std::string> story;
    int resets = 0;
    int workflows_cancelled = 0;

private:
    struct Planned {
        Rule rule = Rule::none;
        std::size_t version = 0;
        bool withdrawn = false;
    };
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

    void tell(const std::string& what) {
        if (!is_telling_) return;
        const auto second = (now_.time_since_epoch() / std::chrono::seconds(1)) % 100'000;
        story.push_back(std::to_string(second) + "  " + what);
    }

    void record(const MadeRun& run, const Place& place) {
        const Life& life = truth.life(place);
        if (!life.records) return;
        const std::string id = policy_.defaults.ci_build_id.render(run.facts, place.attempt);
        at(life.started + std::chrono::seconds(5),
           [this, place, id] { service_.begin(place, id); });
        for (const Job& job : life.jobs) {
            at(job.started, [this, place, &job] { service_.claim(place, job, now_); });
            if (job.ended && !job.died)
                at(*job.ended - std::chrono::seconds(1),
                   [this, place, &job] { service_.finish(place, job); });
        }
        if (life.ended && life.reporter_ends)
            at(*life.ended - std::chrono::seconds(1), [this, place] { service_.complete(place); });
    }

    void deliver(const Delivery& delivery) {
        if (!guids_.insert(delivery.guid).second) return;  // the store keeps each once
        Decision decision;
        if (const auto* const run = std::get_if<WorkflowRun>(&delivery.event)) {
            Known known = history_.known_of(*run);
            if (!looks_at_group(*run, policy_, known)) {
                known.older.clear();
                known.newer.reset();
            }
            decision = decide(*run, policy_, known);
            history_.record(*run, decision);
            tell("run " + std::to_string(run->run_number) + "/" + std::to_string(run->attempt) +
                 " life " + std::to_string(delivery.life) + " " + run->action + " " +
                 run->conclusion + ": " + decision.reason);
        } else {
            const auto& job = std::get<WorkflowJob>(delivery.event);
            decision = decide(job, policy_, history_.known_of(job));
            history_.record(decision);
            tell(decision.reason);
        }
        truth.hear(delivery);
        take(decision);
    }

    void take(const Decision& decision) {
        for (const Withdrawal& withdrawal : decision.withdrawn) {
            tell("takes back " + withdrawal.key + ": " + withdrawal.reason);
            planned_[withdrawal.key].withdrawn = true;
        }
        for (const PlannedCall& call : decision.calls) {
            Planned& planned = planned_[call.key()];
            planned = {call.rule, planned.version + 1, false};
            const std::size_t version = planned.version;
            at(now_ + call.delay, [this, call, version] { perform(call, version, 0); });
        }
    }

    /// As the executor and the Runs API would, with 404 asked again three times.
    void perform(const PlannedCall& call, std::size_t version, int asked) {
        const Planned& planned = planned_[call.key()];
        if (planned.withdrawn || planned.version != version) return;
        if (asks_github(call.operation)) return ask_github(call);
        // The run is in the last of the policy's projects.
        const auto& projects = policy_.defaults.project_ids;
        const bool is_here = projects.empty() || call.project_id == projects.back();
        Recorded* const found = is_here ? service_.find(call.ci_build_id) : nullptr;
        const bool cancels = call.operation == Operation::cancel_ci;
        if (found == nullptr) {
            if (cancels) ask_again(call, version, asked);
            return;
        }
        const bool moot = call.only_if_in_progress && found->state != Recorded::State::in_progress;
        // By GitHub's ids, only what that attempt recorded is found: nothing, before it does.
        const auto recorded = service_.by_github(call.run.run_id, call.attempt);
        if (cancels && !moot && recorded.empty()) return ask_again(call, version, asked);
        tell("sends " + call.key() + (call.only_if_in_progress ? " carefully" : ""));
        ++sent[call.key() + (call.only_if_in_progress ? " careful" : "")];
        if (call.operation == Operation::reset_run) return reset(call, *found);
        if (moot) {
            looked_at_.insert(found->place);
            return;
        }
        if (!cancels) return cancel(call, *found);
        for (Recorded* const one : recorded) cancel(call, *one);
    }

    void ask_again(const PlannedCall& call, std::size_t version, int asked) {
        if (asked == 3) return;
        constexpr std::chrono::seconds waits[] = {std::chrono::seconds(10), std::chrono::minutes(1),
                                                  std::chrono::minutes(5)};
        at(now_ + waits[asked],
           [this, call, version, asked] { perform(call, version, asked + 1); });
    }

    void cancel(const PlannedCall& call, Recorded& recorded) {
        check_cancel(call, recorded);
        recorded.state = Recorded::State::cancelled;
    }

    void check_cancel(const PlannedCall& call, const Recorded& recorded) {
        if (recorded.state != Recorded::State::in_progress) return;
        const std::int64_t run_id = call.run.run_id;
        if (is_shared() && truth.newest_attempt(run_id) > call.attempt)
            breaches.push_back(call.key() + " was sent for an attempt that was run again");
        const bool outrun = truth.newest_attempt(run_id) > call.attempt;
        const auto alive = truth.heard_alive(run_id, call.attempt);
        if (truth.lacked_times(run_id) && !truth.may_go_on(run_id, call.attempt, now_)) return;
        if (outrun || !alive || truth.life(*alive).waits_for_approval) return;
        const bool superseded = policy_.defaults.superseded && truth.could_seem_superseded(*alive);
        if (!superseded)
            breaches.push_back(call.key() + " was sent while life " + std::to_string(alive->life) +
                               " of the attempt goes on");
    }

    /// A machine that is at work keeps its specs.
    void reset(const PlannedCall& call, Recorded& recorded) {
        if (recorded.state == Recorded::State::cancelled) return;
        const bool one_machine = !call.machine_id.empty();
        if (one_machine && recorded.state != Recorded::State::in_progress) return;
        std::set<std::string> at_work;
        for (const Claim& claim : recorded.claims)
            if (!claim.finished && claim.at >= call.claimed_before) at_work.insert(claim.machine);
        for (Claim& claim : recorded.claims) {
            if (claim.finished || at_work.contains(claim.machine)) continue;
            if (one_machine && claim.machine != call.machine_id) continue;
            claim.finished = true;  // by whoever takes it over
            ++resets;
            if (is_at_work(*claim.job, recorded.place))
                breaches.push_back(call.key() + " took a spec from a machine that is at work");
        }
        if (recorded.state == Recorded::State::complete)
            recorded.state = Recorded::State::in_progress;
        const bool outrun = truth.newest_attempt(call.run.run_id) > call.attempt;
        if (is_shared() && outrun && !one_machine)
            breaches.push_back(call.key() + " was sent for an attempt that was run again");
    }

    bool is_at_work(const Job& job, const Place& place) const {
        const Life& life = truth.life(place);
        const Time end = job.ended.value_or(life.ended.value_or(Time::max()));
        const bool is_of_life = std::any_of(life.jobs.begin(), life.jobs.end(),
                                            [&](const Job& one) { return one.id == job.id; });
        return is_of_life && job.started <= now_ && now_ < end;
    }

    /// GitHub's own cancel looks at the run first: one that has ended or was run again is left.
    void ask_github(const PlannedCall& call) {
        const auto& lives = truth.attempt(call.run.run_id, call.attempt).lives;
        const Life* current = nullptr;
        int number = 0;
        for (std::size_t i = 0; i < lives.size(); ++i)
            if (lives[i].started <= now_) {
                current = &lives[i];
                number = static_cast<int>(i);
            }
        if (current == nullptr || (current->ended && *current->ended <= now_)) return;
        ++workflows_cancelled;
        const auto alive = truth.heard_alive(call.run.run_id, call.attempt);
        const bool is_heard = alive && alive->life == number;
        if (is_heard && !current->waits_for_approval && !truth.could_seem_superseded(*alive))
            breaches.push_back(call.key() + " was sent for what nothing supersedes");
    }

    Policy policy_;
    std::vector<Delivery> deliveries_;

public:
    Truth truth;

private:
    History history_;
    Service service_;
    bool is_telling_;
    Time now_{};
    std::priority_queue<Step> queue_;
    std::vector<std::function<void()>> actions_;
    std::map<std::string, Planned> planned_;
    std::set<std::string> guids_;
    std::set<Place> looked_at_;  // by careful calls that found it over
};

}  // namespace runs_agent::decide::tests
