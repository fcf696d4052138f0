// SPDX-License-Identifier: MIT
// What would have been right, by what happened and by what could be known of it: for whoever judges
// the rules. It is written apart from them, and knows none.
#pragma once

#include "tests/decide/telling.hpp"

#include <map>
#include <set>
#include <utility>

namespace runs_agent::decide::tests {

/// One life of one attempt of one run: what records.
struct Place {
    std::int64_t run_id = 0;
    int attempt = 1;
    int life = 0;

    auto operator<=>(const Place&) const = default;
};

class Truth {
public:
    explicit Truth(const World& world) : world_(world) {}

    const Life& life(const Place& place) const {
        return attempt(place.run_id, place.attempt).lives[static_cast<std::size_t>(place.life)];
    }
    const MadeAttempt& attempt(std::int64_t run_id, int number) const {
        return world_.run(run_id).attempts[static_cast<std::size_t>(number) - 1];
    }

    static bool ended_badly(const Life& life) {
        return life.conclusion == "cancelled" || life.conclusion == "timed_out" ||
               life.conclusion == "stale" || life.conclusion == "startup_failure";
    }

    /// Was it made pointless by a newer run? Not one that somebody began after that was made.
    bool is_superseded(const Place& place) const {
        const WorkflowRun& own = world_.run(place.run_id).facts;
        if (own.head_repository.empty()) return false;
        if (own.head_branch == "main" && own.head_repository == "octo/demo") return false;
        const bool is_first = place.attempt == 1 && place.life == 0;
        return is_outdated(own, is_first ? Time() : life(place).started);
    }

    // ---- what could be known -------------------------------------------------------------------

    void hear(const Delivery& delivery) {
        if (!std::holds_alternative<WorkflowRun>(delivery.event)) return;
        newest_attempt_[delivery.run_id] =
            std::max(newest_attempt_[delivery.run_id], delivery.attempt);
        const std::pair attempt(delivery.run_id, delivery.attempt);
        const bool had_ended = !attempts_ended_.insert(attempt).second;
        if (!delivery.tells_end && !had_ended) attempts_ended_.erase(attempt);
        // Whatever it was that had no time, something with one goes on.
        if (delivery.has_times && !delivery.tells_end)
            std::erase_if(heard_, [&](const Place& place) {
                return place.run_id == delivery.run_id && place.attempt == delivery.attempt &&
                       place.life != delivery.life;
            });
        // Without times it may be late, unless it is plain that it may not.
        if (delivery.has_times || had_ended)
            heard_.insert({delivery.run_id, delivery.attempt, delivery.life});
        if (!delivery.has_times) {
            timeless_.insert(delivery.run_id);
            return;
        }
        newest_life_[attempt] = std::max(newest_life_[attempt], delivery.life);
        const Place place{delivery.run_id, delivery.attempt, delivery.life};
        if (delivery.tells_end) {
            ended_.insert(place);
        } else {
            const Time at = std::get<WorkflowRun>(delivery.event).updated_at;
            const auto [first, is_new] = first_alive_.try_emplace(place, at);
            if (!is_new) first->second = std::min(first->second, at);
        }
    }
    /// Could it be told from what was heard that it is superseded? Of a life that keeps the start
    /// of another one, all that is told is that it had begun by then.
    bool is_plainly_superseded(const Place& place) const {
        if (!is_superseded(place) || !life(place).keeps_start()) return is_superseded(place);
        const auto first = first_alive_.find(place);
        return first != first_alive_.end() &&
               is_outdated(world_.run(place.run_id).facts, first->second);
    }
    /// Or could somebody who heard the same take it for superseded? Of a life that keeps the start
    /// of another one, that it is another one is told by the end of that.
    bool could_seem_superseded(const Place& place) const {
        if (is_superseded(place)) return true;
        const Place before{place.run_id, place.attempt, place.life - 1};
        if (!life(place).keeps_start() || ended_.contains(before)) return false;
        return life(before).waits_for_approval || could_seem_superseded(before);
    }
    /// Of two lives with one start, of which only the ends are told, nobody can say that they are
    /// two.
    bool looks_like_fewer_lives(const MadeRun& run) const {
        const std::int64_t run_id = run.facts.key.run_id;
        for (const MadeAttempt& attempt : run.attempts) {
            bool heard_end = false;
            for (int life = 0; life < static_cast<int>(attempt.lives.size()); ++life) {
                const Place place{run_id, attempt.number, life};
                const bool keeps = attempt.lives[static_cast<std::size_t>(life)].keeps_start();
                if (keeps && heard_end && !first_alive_.contains(place)) return true;
                heard_end = heard_end || ended_.contains(place);
            }
        }
        return false;
    }

    bool lacked_times(std::int64_t run_id) const { return timeless_.contains(run_id); }
    int newest_attempt(std::int64_t run_id) const {
        const auto known = newest_attempt_.find(run_id);
        return known == newest_attempt_.end() ? 0 : known->second;
    }
    /// Of what was heard, is the newest life of that attempt one that goes on?
    std::optional<Place> heard_alive(std::int64_t run_id, int attempt) const {
        const auto known = newest_life_.find({run_id, attempt});
        if (known == newest_life_.end()) return std::nullopt;
        const Place newest{run_id, attempt, known->second};
        return ended_.contains(newest) ? std::nullopt : std::optional(newest);
    }

    /// Of a run whose events lack times it is only asked that nothing is touched that goes on, and
    /// that somebody could take for going on.
    bool may_go_on(std::int64_t run_id, int number, Time now) const {
        const auto& lives = attempt(run_id, number).lives;
        for (std::size_t i = 0; i < lives.size(); ++i) {
            const bool goes_on =
                lives[i].started <= now && (!lives[i].ended || *lives[i].ended > now);
            if (goes_on && heard_.contains({run_id, number, static_cast<int>(i)})) return true;
        }
        return false;
    }

private:
    /// Is there a newer run of its group, made after that?
    bool is_outdated(const WorkflowRun& own, Time started) const {
        return std::any_of(world_.runs.begin(), world_.runs.end(), [&](const MadeRun& other) {
            const WorkflowRun& facts = other.facts;
            return facts.workflow_id == own.workflow_id && facts.event == own.event &&
                   facts.head_branch == own.head_branch &&
                   facts.head_repository == own.head_repository && facts.head_sha != own.head_sha &&
                   facts.run_number > own.run_number && started < facts.created_at;
        });
    }

    const World& world_;
    std::map<Place, Time> first_alive_;  // when it was first so that it went on, of what was heard
    std::map<std::pair<std::int64_t, int>, int> newest_life_;
    std::map<std::int64_t, int> newest_attempt_;
    std::set<Place> ended_;
    std::set<Place> heard_;
    std::set<std::pair<std::int64_t, int>> attempts_ended_;
    std::set<std::int64_t> timeless_;
};

}  // namespace runs_agent::decide::tests
